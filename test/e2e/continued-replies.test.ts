import { afterEach, describe, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { callerOf, type Shelf, shelf, startRemembering } from './remembering.ts'
import { speakers, streamed, thoughtful } from './thoughtful-vendors.ts'
import { translatedPaths, type Vendors } from './vendors.ts'

const open: Vendors[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

async function start(sessions: Shelf = shelf()) {
  const gateway = await startRemembering(sessions)
  open.push(gateway)
  const told = (index: number) => gateway.upstream.requests[index]?.body.toString() ?? ''
  return { gateway, told, as: (name: string) => openaiClient(gateway.url, callerOf(name)).responses }
}

const greeting = 'Grüße aus Zürich, 你好 👋🏽 — done.'
/** What each vendor's thoughts are: words, opaque values on them, or on something else. */
const lostWith: Readonly<Record<string, readonly string[]>> = {
  'openai-chat': ['thinking hint'],
  'anthropic-messages': ['reasoning-seal hint'],
  gemini: ['reasoning-seal hint', 'thinking hint'],
}
const paths = translatedPaths.filter(({ caller }) => caller === 'openai-responses')
const tools = ['get_weather', 'list_files'].map((name) => ({
  type: 'function' as const,
  name,
  strict: false,
  parameters: { type: 'object', properties: {} },
}))

describe.each(paths)('a translated reply ($name)', ({ model, upstream }) => {
  const text = playRecording(ownRecording(upstream, 'text-unary'))
  const streamedText = playRecording(ownRecording(upstream, 'text'))

  it('is gone on from by its id, streamed and not, without the instructions of before', async () => {
    const { gateway, told, as } = await start()
    gateway.upstream.reply(text, streamedText, text)
    const first = await as('ann').create({ model, input: 'Greet me.', instructions: 'Be formal.' })
    const second = await as('ann').stream({ model, input: 'Once more.', previous_response_id: first.id }).finalResponse()
    const third = await as('ann').create({ model, input: [{ role: 'user', content: 'And again.' }], previous_response_id: second.id })
    expect([first, second, third]).toMatchObject([{ store: true }, { store: true }, { store: true, previous_response_id: second.id }])
    expect(told(0)).toContain('Be formal.')
    expect(told(2)).not.toContain('Be formal.')
    const places = ['Greet me.', greeting, 'Once more.', 'And again.'].map((words) => told(2).indexOf(words))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places).not.toContain(-1)
    expect(told(2).split(greeting)).toHaveLength(3)
    expect(gateway.upstream.refusals).toEqual([])
  })

  it('is asked for, listed page by page, and deleted', async () => {
    const { gateway, as } = await start()
    gateway.upstream.reply(streamedText, text)
    const first = await as('ann').stream({ model, input: 'Greet me.' }).finalResponse()
    const second = await as('ann').create({ model, input: 'Once more.', previous_response_id: first.id })
    const { id, usage, output_text: words } = first
    expect(await as('ann').retrieve(id)).toMatchObject({
      id,
      usage,
      output_text: words,
      output: [{ id: first.output[0]?.id }],
      status: 'completed',
      store: true,
    })
    const seen: string[] = []
    for await (const item of as('ann').inputItems.list(second.id, { limit: 1, order: 'asc' })) seen.push(JSON.stringify(item))
    expect(seen).toEqual([expect.stringContaining('Greet me.'), expect.stringContaining(greeting), expect.stringContaining('Once more.')])
    const newest = await as('ann').inputItems.list(second.id, { limit: 2 })
    expect([newest.data[0], newest.data.length, newest.has_more]).toMatchObject([{ role: 'user', content: [{ text: 'Once more.' }] }, 2, true])
    await expect(as('ann').cancel(second.id)).rejects.toMatchObject({ status: 400 })
    await as('ann').delete(first.id)
    await expect(as('ann').retrieve(first.id)).rejects.toMatchObject({ status: 404 })
    const next = as('ann').create({ model, input: 'And?', previous_response_id: second.id })
    await expect(next).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found', param: 'previous_response_id' })
    expect(gateway.upstream.requests).toHaveLength(2)
  })

  it('goes on with the outputs of its tools, streamed and not', async () => {
    const { gateway, told, as } = await start()
    const calls = playRecording(ownRecording(upstream, 'parallel-tools-unary'))
    gateway.upstream.reply(calls, text, streamedText)
    const { id, output } = await as('ann').create({ model, input: 'Weather and files?', tools, tool_choice: 'required', instructions: 'Be brief.' })
    const outputs = output.flatMap((item) => (item.type === 'function_call' ? [{ tool_call_id: item.call_id, output: `result of ${item.name}` }] : []))
    expect(outputs).toHaveLength(2)
    const submit = (body: object) =>
      callerOf('ann')(`${gateway.url}/v1/responses/${id}/submit_tool_outputs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const whole = await submit({ tool_outputs: outputs })
    expect([whole.status, await whole.json()]).toMatchObject([200, { previous_response_id: id, status: 'completed', tool_choice: 'auto' }])
    const streamed = await submit({ tool_outputs: outputs, stream: true })
    expect(streamed.headers.get('content-type')).toContain('text/event-stream')
    expect(await streamed.text()).toContain('response.completed')
    for (const body of [told(1), told(2)])
      for (const words of ['Weather and files?', 'result of get_weather', 'result of list_files', 'Be brief.']) expect(body).toContain(words)
    for (const bad of [{}, { tool_outputs: outputs.slice(1) }, { tool_outputs: [{ tool_call_id: 'nobody', output: '' }] }])
      expect((await submit(bad)).status).toBe(400)
    expect(gateway.upstream.refusals).toEqual([])
    expect(gateway.upstream.requests).toHaveLength(3)
  })

  it.each([false, true])('brings back the vendor’s opaque thoughts with itself, and to no other vendor (stream: %s)', async (stream) => {
    const { gateway, told, as } = await start()
    const { [upstream]: protocol } = await speakers()
    const said = thoughtful(upstream, 0, true)
    const body = stream && protocol ? { headers: { 'content-type': 'text/event-stream' }, body: streamed(protocol, said) } : { body: said }
    gateway.upstream.reply(body, text, playRecording(ownRecording('openai-responses', 'text-unary')))
    const look = [{ type: 'function' as const, name: 'look', strict: false, parameters: { type: 'object', properties: {} } }]
    const asked = { model, input: 'Go.', tools: look, reasoning: { effort: 'medium' as const }, max_output_tokens: 9_000 }
    const first = stream
      ? await as('ann')
          .stream({ ...asked, stream: true })
          .finalResponse()
      : await as('ann').create(asked)
    const [callId = ''] = first.output.flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []))
    const input = [{ type: 'function_call_output' as const, call_id: callId, output: 'Seen.' }]
    for (const next of [model, 'gpt-recorded']) await as('ann').create({ ...asked, model: next, input, previous_response_id: first.id })
    const opaque = `${upstream}-opaque-0`
    const own = upstream === 'gemini' ? Buffer.from(opaque).toString('base64') : opaque
    expect(told(1).includes(own)).toBe(upstream !== 'openai-chat')
    expect(told(2)).toContain('Seen.')
    expect(told(2)).not.toContain(own)
    expect(told(1) + told(2)).not.toContain('tkl1')
    // What the vendor cannot be told is named.
    const lost = gateway.ledger
      .records()
      .at(-1)
      ?.losses.map(({ feature, severity }) => `${feature} ${severity}`)
    expect([...new Set(lost)].sort()).toEqual(lostWith[upstream])
    expect(gateway.upstream.refusals).toEqual([])
  })
})
