import type OpenAI from 'openai'
import { memorySessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { compactionRequest, freeformRequest } from '../plugins/protocol/openai-responses/codex-requests.ts'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { clientRequests } from './client-requests.ts'
import { startVendors, translatedPaths, type Vendors } from './vendors.ts'

const open: Vendors[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

async function start() {
  const gateway = await startVendors({ extra: [memorySessions()] })
  open.push(gateway)
  const told = () => gateway.upstream.lastRequest.body.toString()
  return { gateway, told, responses: openaiClient(gateway.url).responses }
}

type Responses = OpenAI['responses']
type Item = OpenAI.Responses.ResponseOutputItem
type InputItem = OpenAI.Responses.ResponseInputItem

/** Asks as the agent does, and gives the items that the answer ended with. */
async function ask(responses: Responses, body: object, stream: boolean): Promise<readonly Item[]> {
  if (!stream) return (await responses.create({ ...body, stream: false } as OpenAI.Responses.ResponseCreateParamsNonStreaming)).output
  const items: Item[] = []
  let whole: readonly Item[] | undefined
  for await (const event of await responses.create({ ...body, stream: true } as OpenAI.Responses.ResponseCreateParamsStreaming)) {
    if (event.type === 'response.output_item.done') items.push(event.item)
    if (event.type === 'response.completed') whole = event.response.output
  }
  expect(whole).toEqual(items)
  return items
}

const greeting = 'Grüße aus Zürich, 你好 👋🏽 — done.'
const paths = translatedPaths.filter(({ caller }) => caller === 'openai-responses')
const models = [...paths.map(({ model, upstream }) => ({ model, upstream })), { model: 'gpt-recorded', upstream: 'openai-responses' as const }]
const goOn: InputItem = { type: 'message', role: 'user', content: 'Go on.' }
const sampleText = (upstream: (typeof models)[number]['upstream'], stream: boolean) => playRecording(ownRecording(upstream, stream ? 'text' : 'text-unary'))
const [plainForm] = clientRequests('openai-responses').filter(({ id }) => id.endsWith('compaction as a plain request'))

describe.each(paths)('an agent that wants its history compacted ($name)', ({ model, upstream }) => {
  it.each([false, true])('gets the one item that it waits for, and goes on with it at every vendor (stream: %s)', async (stream) => {
    const { gateway, told, responses } = await start()
    gateway.upstream.reply(sampleText(upstream, stream))
    const items = await ask(responses, { ...compactionRequest, model }, stream)
    const compactions = items.filter(({ type }) => type === 'compaction')
    expect([compactions.length, items.filter(({ type }) => type === 'message').length]).toEqual([1, 0])
    expect(told()).toContain('Write a summary of this conversation')
    expect(told()).not.toContain('compaction_trigger')
    for (const next of models) {
      gateway.upstream.reply(sampleText(next.upstream, stream))
      const input = [...compactions, goOn]
      const [said] = await ask(responses, { ...freeformRequest, model: next.model, input }, stream)
      expect(said).toMatchObject({ type: 'message', content: [{ text: greeting }] })
      expect(told()).toContain(`A summary of the conversation so far:\\n\\n${greeting}`)
      expect(told()).toContain('Go on.')
      expect(told()).not.toMatch(/tkl1|"compaction"/)
    }
    expect(gateway.upstream.refusals).toEqual([])
  })

  it.each([false, true])('in an ordinary request gets an ordinary answer (stream: %s)', async (stream) => {
    const { gateway, told, responses } = await start()
    gateway.upstream.reply(sampleText(upstream, stream))
    const items = await ask(responses, { ...plainForm?.request, model }, stream)
    expect(items).toMatchObject([{ type: 'message', content: [{ text: greeting }] }])
    expect(told()).toContain('CONTEXT CHECKPOINT COMPACTION')
    expect(gateway.upstream.refusals).toEqual([])
  })

  it('may name the kept reply that holds it, and compact what was kept', async () => {
    const { gateway, told, responses } = await start()
    gateway.upstream.reply(...[1, 2, 3].map(() => sampleText(upstream, false)), sampleText('openai-responses', false))
    const first = await responses.create({ model, input: 'Remember the number 42.' })
    const trigger: InputItem = { type: 'compaction_trigger' }
    const compacted = await responses.create({ model, input: [trigger], previous_response_id: first.id })
    expect(told()).toContain('Remember the number 42.')
    expect(compacted.output).toMatchObject([{ type: 'compaction' }])
    for (const next of [model, 'gpt-recorded']) {
      await responses.create({ model: next, input: compacted.output.concat() as InputItem[] })
      expect(told()).toContain('A summary of the conversation so far')
    }
    expect(gateway.upstream.refusals).toEqual([])
  })

  it('at the endpoint that only its vendor has is told so, and nobody is asked', async () => {
    const { gateway, responses } = await start()
    await expect(responses.compact({ model, input: 'Hi' })).rejects.toMatchObject({ status: 400, code: 'TKL_OPERATION_UNSUPPORTED' })
    expect(gateway.upstream.requests).toEqual([])
  })
})

describe.each(models)('a compaction that was changed, for $model', ({ model, upstream }) => {
  it.each(['tkl1.compaction.', 'tkl1.compaction.%%%', 'tkl1.compaction._w', 'tkl1.compaction', 'tkl1.other.eA'])(
    'is never sent as it is: %s',
    async (value) => {
      const { gateway, told, responses } = await start()
      gateway.upstream.reply(sampleText(upstream, false))
      await ask(responses, { ...freeformRequest, model, input: [{ type: 'compaction', encrypted_content: value }, goOn] }, false)
      expect(told()).toContain('Go on.')
      expect(told()).not.toMatch(/tkl1|A summary/)
      const losses = gateway.ledger.records().at(-1)?.losses
      expect(losses).toContainEqual(expect.objectContaining({ feature: 'compaction', action: 'dropped', severity: 'semantic' }))
      expect(gateway.upstream.refusals).toEqual([])
    },
  )
})

it('leaves the vendor’s own compaction to him alone', async () => {
  const { gateway, told, responses } = await start()
  const own = { type: 'compaction' as const, id: 'cmp_1', encrypted_content: 'gAAAA' }
  for (const { model, upstream } of models) {
    gateway.upstream.reply(sampleText(upstream, false))
    await ask(responses, { ...freeformRequest, model, input: [own, goOn] }, false)
    expect(told().includes('gAAAA')).toBe(upstream === 'openai-responses')
    const lost = gateway.ledger.records().at(-1)?.losses ?? []
    expect(lost.some(({ feature, severity }) => feature === 'compaction' && severity === 'semantic')).toBe(upstream !== 'openai-responses')
  }
  expect(gateway.upstream.refusals).toEqual([])
})
