import type { Json, Protocol, Provider, Reply, ReplyEvent, ToolCallBlock } from 'tokligence'
import { EventFramer, parseEvents, ReplyAccumulator } from 'tokligence'
import anthropicMessages from 'tokligence/plugins/protocol/anthropic-messages'
import openaiChat from 'tokligence/plugins/protocol/openai-chat'
import { beforeAll, describe, expect, it } from 'vitest'
import { setUp } from '../../set-up.ts'
import { type Answer, loopbackProvider, requestFor, send } from './run-loopback.ts'

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

interface Dialect {
  readonly plugin: () => Parameters<typeof setUp>[0]
  /** A request in the protocol's own words. */
  readonly body: (text: string, changes?: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
  readonly tools: Readonly<Record<string, unknown>>
  /** The rest of the conversation after a call was answered. */
  readonly answered: (call: ToolCallBlock, result: string) => Readonly<Record<string, unknown>>
  readonly errorType: (body: { error: { type?: string } }) => string | undefined
}

const dialects: Readonly<Record<string, Dialect>> = {
  'anthropic-messages': {
    plugin: () => anthropicMessages(),
    body: (text, changes) => ({ model: 'loopback', max_tokens: 1_000, messages: [{ role: 'user', content: text }], ...changes }),
    tools: { tools: [{ name: 'get_weather', input_schema: parameters }] },
    answered: (call, result) => ({
      messages: [
        { role: 'user', content: '/tool' },
        { role: 'assistant', content: [{ type: 'tool_use', id: call.id, name: call.name, input: JSON.parse(call.argumentsText) }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: result }] },
      ],
    }),
    errorType: ({ error }) => error.type,
  },
  'openai-chat': {
    plugin: () => openaiChat(),
    body: (text, changes) => ({ model: 'loopback', messages: [{ role: 'user', content: text }], stream_options: { include_usage: true }, ...changes }),
    tools: { tools: [{ type: 'function', function: { name: 'get_weather', parameters } }] },
    answered: (call, result) => ({
      messages: [
        { role: 'user', content: '/tool' },
        { role: 'assistant', content: null, tool_calls: [{ id: call.id, type: 'function', function: { name: call.name, arguments: call.argumentsText } }] },
        { role: 'tool', tool_call_id: call.id, content: result },
      ],
    }),
    errorType: ({ error }) => error.type,
  },
}

describe.each(Object.entries(dialects))('the loopback provider in %s', (id, dialect) => {
  let protocol: Protocol
  let provider: Provider

  beforeAll(async () => {
    protocol = await setUp<Protocol>(dialect.plugin())
    provider = await loopbackProvider(protocol)
  })

  const ask = (text: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Answer> => {
    const stream = changes.stream === true
    const { stream_options: options, ...body } = dialect.body(text, changes)
    return send(provider, requestFor(provider, id, { ...body, ...(stream && options !== undefined && { stream_options: options }) }, { stream }))
  }
  const whole = async (text: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Reply> =>
    protocol.decodeReply(JSON.parse((await ask(text, changes)).text) as Json)

  const decode = (answer: Answer): ReplyEvent[] => {
    const framer = new EventFramer()
    const decoder = protocol.createStreamDecoder()
    const events = answer.pieces.flatMap((piece) => parseEvents(framer.push(piece)?.toString('utf8') ?? '').flatMap((event) => decoder.push(event)))
    return [...events, ...decoder.end()]
  }
  const streamed = async (text: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Reply> => {
    const accumulator = new ReplyAccumulator()
    for (const event of decode(await ask(text, { ...changes, stream: true }))) accumulator.push(event)
    return accumulator.reply()
  }

  const blocksOf = (reply: Reply) => reply.candidates[0]?.blocks ?? []
  const callsOf = (reply: Reply) => blocksOf(reply).filter((block): block is ToolCallBlock => block.type === 'tool-call')
  const wordsOf = (reply: Reply) =>
    blocksOf(reply)
      .flatMap((block) => (block.type === 'text' ? [block.text] : []))
      .join('')
  const tokensOf = ({ usage }: Reply) => [usage?.inputUncached, usage?.output, usage?.cacheRead]

  it('echoes, whole and streamed in any pieces, at the same cost', async () => {
    const reply = await whole('Grüße ✓ and more')
    expect([wordsOf(reply), reply.candidates[0]?.finish.reason, reply.model]).toEqual(['Grüße ✓ and more', 'stop', 'loopback'])
    expect(reply.usage?.output).toBe(4)
    for (const text of ['Grüße ✓ and more', '/split 3 Grüße ✓ and more']) {
      const same = await streamed(text)
      expect([wordsOf(same), same.candidates[0]?.finish.reason, same.usage?.output]).toEqual(['Grüße ✓ and more', 'stop', 4])
    }
    expect(tokensOf(await streamed('Grüße ✓ and more'))).toEqual(tokensOf(reply))
  })

  it('ends a whole stream with the protocol’s sign of the end', async () => {
    expect(decode(await ask('hi', { stream: true })).at(-1)?.type).toBe('reply-end')
  })

  it('calls a tool and quotes its result', async () => {
    for (const reply of [await whole('/tool', dialect.tools), await streamed('/tool', dialect.tools)]) {
      const [call] = callsOf(reply) as [ToolCallBlock]
      expect([call.name, JSON.parse(call.argumentsText), reply.candidates[0]?.finish.reason]).toEqual(['get_weather', { city: 'loopback' }, 'tool-calls'])
      expect(wordsOf(await whole('', { ...dialect.tools, ...dialect.answered(call, 'sunny') }))).toBe('Result of get_weather: sunny')
    }
  })

  it('calls two tools at once', async () => {
    for (const reply of [await whole('/tools 2', dialect.tools), await streamed('/split 5 /tools 2', dialect.tools)]) {
      expect(callsOf(reply).map(({ name }) => name)).toEqual(['get_weather', 'get_weather'])
      expect(wordsOf(reply)).toContain('And I call get_weather.')
    }
  })

  it('thinks before it speaks', async () => {
    for (const reply of [await whole('/think why'), await streamed('/think why')])
      expect(blocksOf(reply)).toMatchObject([
        { type: 'reasoning', text: expect.stringContaining('3 characters') },
        { type: 'text', text: 'why' },
      ])
  })

  it('says that the limit was reached', async () => {
    for (const reply of [await whole('/length hi'), await streamed('/length hi')]) expect(reply.candidates[0]?.finish.reason).toBe('length')
  })

  it('reports the figures that it is given', async () => {
    for (const reply of [await whole('/usage input=70 output=9 cache-read=30 hi'), await streamed('/usage input=70 output=9 cache-read=30 hi')])
      expect(tokensOf(reply)).toEqual([70, 9, 30])
  })

  it('fails in the protocol’s own envelope', async () => {
    for (const stream of [false, true]) {
      const { status, text, headers } = await ask('/error 429', { stream })
      expect([status, headers['retry-after'], dialect.errorType(JSON.parse(text))]).toEqual([429, '1', expect.stringContaining('rate_limit')])
      expect(protocol.decodeError(status, Buffer.from(text), headers)).toMatchObject({
        status: 429,
        kind: 'rate-limit',
        message: expect.stringContaining('429'),
      })
    }
  })

  it('fails midway, is cut midway, and ends without a sign of the end, so that the protocol can tell', async () => {
    const failed = decode(await ask('/error-mid 529 one two three four', { stream: true }))
    expect(failed.at(-1)).toMatchObject({ type: 'error', error: { message: expect.stringContaining('midway') } })
    const ended = decode(await ask('/end one two three four', { stream: true }))
    expect(ended.at(-1)).toMatchObject({ type: 'error', error: { kind: 'upstream' } })
    expect((await ask('/cut one two three four', { stream: true })).failure).toBeInstanceOf(Error)
  })

  it('refuses what the protocol refuses', async () => {
    const { status, text } = await ask('hi', { messages: 'nothing' })
    expect([status, protocol.decodeError(status, Buffer.from(text), {}).kind]).toEqual([400, 'invalid-request'])
  })
})
