import type { Conversation, FunctionTool, Reply, ToolCallBlock } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { conversation } from './plain-protocol.ts'
import { errorTo, replyTo, streamedReplyTo, textOf } from './run-loopback.ts'

const weather: FunctionTool = {
  type: 'function',
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 3 }, note: { type: 'string' } },
    required: ['city', 'days'],
  },
}
const clock: FunctionTool = { type: 'function', name: 'clock' }

const callsOf = (reply: Reply) => reply.candidates[0]?.blocks.filter((block): block is ToolCallBlock => block.type === 'tool-call') ?? []
const finishOf = (reply: Reply) => reply.candidates[0]?.finish
const withTools = (text: string, changes: Partial<Conversation> = {}) => conversation(text, { tools: [weather, clock], ...changes })
const answered = (text: string, changes: Partial<Conversation> = {}) =>
  withTools(text, {
    turns: [
      { role: 'user', form: 'text', blocks: [{ type: 'text', text }] },
      {
        role: 'assistant',
        form: 'blocks',
        blocks: [{ type: 'tool-call', id: 'call_1', name: 'get_weather', argumentsText: '{}', form: 'json', executedBy: 'client' }],
      },
      { role: 'tool', form: 'blocks', blocks: [{ type: 'tool-result', callId: 'call_1', form: 'text', content: [{ type: 'text', text: 'sunny' }] }] },
    ],
    ...changes,
  })

describe('what the loopback provider says', () => {
  it('is what the user said last', async () => {
    const reply = await replyTo(conversation('', { turns: [...conversation('first').turns, ...conversation('Hello\nthere ✓').turns] }))
    expect([textOf(reply), finishOf(reply), reply.model]).toEqual(['Hello\nthere ✓', { reason: 'stop' }, 'loopback'])
  })

  it('is the same for any other model name', async () => {
    expect(textOf(await replyTo(conversation('hi', { model: 'gpt-9-tool' })))).toBe('hi')
  })

  it('is never empty', async () => {
    expect(textOf(await replyTo(conversation('/think')))).toBe('The user said nothing.')
  })

  it('leaves directives out, and keeps lines that only look like one', async () => {
    expect(textOf(await replyTo(conversation('/think /slow 1 Hello\n/unknown 3\nfrom /usr/bin\n/thinker')))).toBe('Hello\n/unknown 3\nfrom /usr/bin\n/thinker')
  })

  it('is the same streamed and whole, word by word', async () => {
    for (const text of ['Two  words\n\nand more ✓', '/think deep', '/usage input=7 output=9 cache-read=3 reasoning=2 hi', '/repeat 3 la'])
      expect({ ...(await streamedReplyTo(conversation(text))), created: 0 }).toEqual({ ...(await replyTo(conversation(text))), created: 0 })
  })

  it('is a thought first when it is told to think, with a seal', async () => {
    for (const asked of [conversation('/think why?'), conversation('why?', { model: 'loopback-think' })])
      expect((await replyTo(asked)).candidates[0]?.blocks).toMatchObject([
        { type: 'reasoning', text: expect.stringContaining('4 characters'), sealed: { issuer: 'plain', value: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) } },
        { type: 'text', text: 'why?' },
      ])
  })

  it('is repeated, within reason', async () => {
    expect(textOf(await replyTo(conversation('/repeat 3 la')))).toBe('la la la')
    const long = textOf(await replyTo(conversation(`/repeat 99999 ${'x'.repeat(999)}`)))
    expect(long?.length).toBe(999_999)
  })

  it('is JSON that fits the schema where the caller wants JSON', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 5 }, kind: { enum: ['a', 'b'] } }, required: ['n', 'kind'] }
    expect(JSON.parse(textOf(await replyTo(conversation('hi', { output: { type: 'schema', schema } }))) ?? '')).toEqual({ n: 5, kind: 'a' })
    expect(JSON.parse(textOf(await replyTo(conversation('hi', { output: { type: 'json' } }))) ?? '')).toEqual({ text: 'hi' })
  })

  it('stops at the caller’s limits, and says which', async () => {
    expect(finishOf(await replyTo(conversation('/length hi')))).toEqual({ reason: 'length' })
    const limited = await replyTo(conversation('123456789', { maxOutputTokens: 2 }))
    expect([textOf(limited), finishOf(limited)?.reason]).toEqual(['12345678', 'length'])
    const stopped = await replyTo(conversation('one END two STOP', { stop: ['STOP', 'END'] }))
    expect([textOf(stopped), finishOf(stopped)]).toEqual(['one ', { reason: 'stop-sequence', stopSequence: 'END' }])
  })

  it('does not cut a character in half', async () => {
    expect(textOf(await replyTo(conversation('abc😀def', { maxOutputTokens: 1 })))).toBe('abc')
  })

  it('is a refusal when it is told so', async () => {
    expect((await replyTo(conversation('/refuse'))).candidates[0]).toMatchObject({ blocks: [{ type: 'refusal' }], finish: { reason: 'refusal' } })
  })

  it('costs a token for four characters unless other figures are given', async () => {
    expect((await replyTo(conversation('12345678'))).usage).toEqual({ inputUncached: 2, output: 2, source: 'estimated' })
    expect((await replyTo(conversation('/usage input=7 output=9 cache-read=3 cache-write=1 reasoning=2 hi'))).usage).toEqual({
      inputUncached: 7,
      output: 9,
      cacheRead: 3,
      cacheWrite: 1,
      reasoning: 2,
      source: 'estimated',
    })
  })
})

describe('tools of the loopback provider', () => {
  it('are called as the user says', async () => {
    const reply = await replyTo(withTools('/tool clock {"zone":"a\\"}b", "deep":{}} and more'))
    expect(callsOf(reply)).toMatchObject([{ name: 'clock', argumentsText: '{"zone":"a\\"}b", "deep":{}}', form: 'json', executedBy: 'client' }])
    expect(finishOf(reply)).toEqual({ reason: 'tool-calls' })
  })

  it('are called with arguments made from the schema when none are given', async () => {
    for (const asked of [withTools('/tool'), withTools('go', { model: 'loopback-tool' })])
      expect(callsOf(await replyTo(asked)).map((call) => [call.name, JSON.parse(call.argumentsText)])).toEqual([['get_weather', { city: 'loopback', days: 3 }]])
  })

  it('are called several times, with text between and an id for each', async () => {
    const reply = await replyTo(withTools('/tools 3'))
    expect(reply.candidates[0]?.blocks.map(({ type }) => type)).toEqual(['text', 'tool-call', 'text', 'tool-call', 'text', 'tool-call'])
    expect(callsOf(reply).map(({ name }) => name)).toEqual(['get_weather', 'clock', 'get_weather'])
    expect(new Set(callsOf(reply).map(({ id }) => id)).size).toBe(3)
    expect(callsOf(reply).every(({ id }) => /^[a-zA-Z0-9_-]{1,40}$/.test(id))).toBe(true)
  })

  it('are called several times by name, in whichever order the directives stand, and by the model’s name', async () => {
    for (const asked of [withTools('/tools 2 /tool clock'), withTools('/tool clock /tools 2'), withTools('/tool clock', { model: 'loopback-think-tools-2' })])
      expect(callsOf(await replyTo(asked)).map(({ name }) => name)).toEqual(['clock', 'clock'])
    expect(callsOf(await replyTo(withTools('go', { model: 'loopback-tool-think' }))).map(({ name }) => name)).toEqual(['get_weather'])
  })

  it('are called once when the caller allows one call, and not at all when it forbids them', async () => {
    expect(callsOf(await replyTo(withTools('/tools 3', { parallelToolCalls: false })))).toHaveLength(1)
    expect(textOf(await replyTo(withTools('/tool\nhi', { toolChoice: { type: 'none' } })))).toBe('hi')
  })

  it('are called when the caller insists, without any directive', async () => {
    expect(callsOf(await replyTo(withTools('hi', { toolChoice: { type: 'required' } }))).map(({ name }) => name)).toEqual(['get_weather'])
    expect(callsOf(await replyTo(withTools('hi', { toolChoice: { type: 'tool', name: 'clock' } }))).map(({ name }) => name)).toEqual(['clock'])
    expect(callsOf(await replyTo(withTools('hi', { toolChoice: { type: 'allowed', mode: 'required', names: ['clock'] } }))).map(({ name }) => name)).toEqual([
      'clock',
    ])
  })

  it('that are not offered are not called; the text says so', async () => {
    const reply = await replyTo(withTools('/tool teleport'))
    expect([callsOf(reply), finishOf(reply), textOf(reply)]).toEqual([
      [],
      { reason: 'stop' },
      'No tool named teleport can be called here. Offered: get_weather, clock.',
    ])
  })

  it('with free text are given text', async () => {
    const reply = await replyTo(conversation('/tool', { tools: [{ type: 'freeform', name: 'patch' }] }))
    expect(callsOf(reply)).toMatchObject([{ name: 'patch', form: 'text', argumentsText: 'loopback' }])
  })

  it('are not called again once they answered; the text quotes the result', async () => {
    for (const asked of [answered('/tool get_weather'), answered('go', { model: 'loopback-tool' }), answered('go', { toolChoice: { type: 'required' } })]) {
      const reply = await replyTo(asked)
      expect([textOf(reply), callsOf(reply), finishOf(reply)]).toEqual(['Result of get_weather: sunny', [], { reason: 'stop' }])
    }
  })

  it('are called again when the user asks anew', async () => {
    const { turns } = answered('/tool')
    const again = withTools('', {
      turns: [...turns, { role: 'assistant', form: 'text', blocks: [{ type: 'text', text: 'ok' }] }, ...conversation('/tool clock').turns],
    })
    expect(callsOf(await replyTo(again)).map(({ name }) => name)).toEqual(['clock'])
  })

  it('come after the thought, and stream to the same calls', async () => {
    const reply = await streamedReplyTo(withTools('/think /usage output=4 /tool get_weather {"city":"Oslo","note":"ok ✓ 😀"}'))
    expect(reply.candidates[0]?.blocks.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call'])
    expect(callsOf(reply)[0]?.argumentsText).toBe('{"city":"Oslo","note":"ok ✓ 😀"}')
    expect(reply.usage?.output).toBe(4)
  })

  it('make a request with malformed fields an error in the protocol’s envelope', async () => {
    expect(await errorTo({ ...conversation('x'), turns: undefined as never })).toMatchObject({ status: 400, code: 'TKL_REQUEST_INVALID', param: 'turns' })
  })
})
