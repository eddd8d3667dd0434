import { afterEach, describe, expect, it } from 'vitest'
import { ownRecording, type RecordedProtocol } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { callerOf, shelf, startRemembering } from './remembering.ts'
import type { Vendors } from './vendors.ts'

const open: Vendors[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

const foreign = 'claude-recorded'
const native = 'gpt-recorded'

async function start() {
  const sessions = shelf()
  const gateway = await startRemembering(sessions)
  open.push(gateway)
  gateway.upstream.always(playRecording(ownRecording('anthropic-messages', 'text-unary')))
  const { responses } = openaiClient(gateway.url, callerOf('ann'))
  return { sessions, gateway, responses }
}

describe('a store', () => {
  it('that does not answer is not waited for: what rests on it is told so', async () => {
    const { sessions, gateway, responses } = await start()
    const { id } = await responses.create({ model: foreign, input: 'Greet me.' })
    sessions.readDelay = 20_000
    sessions.delay = 20_000
    const begun = performance.now()
    expect((await responses.create({ model: foreign, input: 'Greet me.' })).status).toBe('completed')
    const submitted = callerOf('ann')(`${gateway.url}/v1/responses/${id}/submit_tool_outputs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"tool_outputs":[]}',
    })
    const calls = [
      ...[foreign, native].map((model) => responses.create({ model, input: 'On.', previous_response_id: id })),
      responses.retrieve(id),
      responses.inputItems.list(id),
      responses.delete(id),
    ].map((call) => expect(call).rejects.toMatchObject({ status: 503, code: 'TKL_SESSION_UNAVAILABLE' }))
    await Promise.all(calls)
    expect(await submitted).toMatchObject({ status: 503 })
    expect(performance.now() - begun).toBeLessThan(12_000)
    expect(gateway.upstream.requests).toHaveLength(2)
  }, 30_000)

  it('that is slow costs time, but not the request', async () => {
    const goOn = async (model: string, protocol: RecordedProtocol) => {
      const { sessions, gateway, responses } = await start()
      const { id } = await responses.create({ model: foreign, input: 'Greet me.' })
      sessions.readDelay = 2_700
      gateway.upstream.reply(playRecording(ownRecording(protocol, 'text-unary')))
      const next = await responses.create({ model, input: 'On.', previous_response_id: id })
      expect(next.status).toBe('completed')
      expect(gateway.upstream.lastRequest.body.toString()).toContain('Greet me.')
    }
    await Promise.all([goOn(foreign, 'anthropic-messages'), goOn(native, 'openai-responses')])
  }, 30_000)
})
