import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createHarness, memoryLedger } from 'tokligence/testing'
import { expect, it } from 'vitest'
import { openaiResponses } from '../../../../plugins/protocol/openai-responses/index.ts'

/** Asks for a WebSocket as Codex does, and is answered by whatever comes. */
async function openWebSocket(url: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'openai-beta': 'responses_websockets=2026-02-06',
  }
  const asked = request(`${url}/v1/responses`, { headers })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  for await (const piece of answer) body += String(piece)
  return { status: answer.statusCode, body }
}

it('answers a caller who asks for a WebSocket with 426 at once, in the vendor’s envelope', async () => {
  const gateway = await createHarness({ plugins: [openaiResponses(), memoryLedger()] })
  try {
    const { status, body } = await openWebSocket(gateway.url)
    expect(status).toBe(426)
    expect(JSON.parse(body)).toEqual({
      error: {
        message: 'There is no WebSocket here; send POST /v1/responses over HTTP.',
        type: 'invalid_request_error',
        param: null,
        code: 'TKL_METHOD_NOT_ALLOWED',
      },
    })
  } finally {
    await gateway.close()
  }
})
