import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkAnthropicMessagesStream } from '../support/check-anthropic-messages-stream.ts'
import { checkOpenaiChatStream } from '../support/check-openai-chat-stream.ts'
import { type RecordedProtocol, type Recording, recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { smallestRequest } from '../support/sdk-readings.ts'
import { paths, post, startTwoVendors, type TwoVendors } from './two-vendors.ts'

let gateway: TwoVendors

beforeAll(async () => {
  gateway = await startTwoVendors()
})

afterAll(() => gateway.close())

/** Some of the places, spread evenly, where an event of the stream ends and the reply is not whole yet. */
function bordersBeforeTheEnd({ body, protocol }: Recording): number[] {
  const text = body.toString('latin1')
  const end = protocol === 'openai-chat' ? text.search(/"finish_reason":\s*"/) : text.indexOf('"type":"message_stop"')
  const borders: number[] = []
  for (let at = text.indexOf('\n\n'); at !== -1 && at < text.lastIndexOf('\n\n', end); at = text.indexOf('\n\n', at + 2)) borders.push(at + 2)
  const step = Math.max(1, Math.floor(borders.length / 8))
  return borders.filter((_, index) => index % step === 0)
}

function violations(protocol: RecordedProtocol, bytes: Buffer, contentType: string | null): string[] {
  if (protocol === 'anthropic-messages') return checkAnthropicMessagesStream(bytes, { ending: 'error', contentType })
  return checkOpenaiChatStream(bytes, { includeUsage: true, ending: 'error', contentType })
}

describe.each(paths)('$name', (path) => {
  const streams = recordings(path.upstream).filter(({ stream, status, id }) => stream && status === 200 && !id.includes('error'))

  it.each(streams)('ends a stream that was cut with an error in its own grammar: $id', async (recording) => {
    for (const ending of ['end', 'reset'] as const) {
      for (const cutAfter of bordersBeforeTheEnd(recording)) {
        gateway.upstream.reply(playRecording(recording, { cutAfter, ending }))
        const reply = await post(gateway.url, path.caller, JSON.stringify({ ...smallestRequest(path.caller, path.model), stream: true }))
        const bytes = Buffer.from(await reply.arrayBuffer())
        const where = `${ending} after ${cutAfter} bytes`
        // Before anything was said, the status says it.
        if (reply.status !== 200) expect([reply.status, JSON.parse(bytes.toString()).error.message], where).toEqual([502, expect.any(String)])
        else expect(violations(path.caller, bytes, reply.headers.get('content-type')), where).toEqual([])
        expect(gateway.ledger.records().at(-1), where).toMatchObject({ ending: 'upstream-error', status: reply.status })
      }
    }
  })
})
