import { loopback, memorySessions, protocols } from 'tokligence/plugins'
import { createHarness, type Harness } from 'tokligence/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { openaiClient } from '../../../support/sdk-readings.ts'

const open: Harness[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

describe.each([false, true])('the loopback provider, which keeps nothing (with a session plugin: %s)', (stores) => {
  const start = async () => {
    const gateway = await createHarness({ plugins: [protocols(), loopback(), stores && memorySessions()] })
    open.push(gateway)
    return openaiClient(gateway.url).responses
  }
  const model = 'loopback/loopback'

  it('does not know the reply that a request goes on from, and says so as the vendor does', async () => {
    const responses = await start()
    const reply = await responses.create({ model, input: 'Hello.' })
    expect(reply).toMatchObject({ store: false })
    const { id } = reply
    const unknown = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id', message: expect.stringContaining(id) }
    await expect(responses.create({ model, input: 'And?', previous_response_id: id })).rejects.toMatchObject(unknown)
    await expect(responses.create({ model, input: 'And?', previous_response_id: id, stream: true })).rejects.toMatchObject(unknown)
  })

  it.each([
    [{ conversation: 'conv_1' }, 'conversation_not_found'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt_not_found'],
    [{ input: [{ type: 'item_reference' as const, id: 'msg_1' }] }, 'item_not_found'],
  ])('knows nothing else either that a vendor would keep: %o', async (fields, code) => {
    const responses = await start()
    await expect(responses.create({ model, input: 'Hello.', ...fields })).rejects.toMatchObject({ status: 400, code })
  })
})
