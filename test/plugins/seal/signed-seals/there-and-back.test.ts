import {
  type Conversation,
  type EncodeReplyOptions,
  EventFramer,
  type Json,
  type JsonObject,
  LossSink,
  type Protocol,
  parseEvents,
  type Reply,
  ReplyAccumulator,
  replyEvents,
  type SealIssuer,
  type StreamEncoder,
  viaConversation,
} from 'tokligence'
import anthropicMessages from 'tokligence/plugins/protocol/anthropic-messages'
import gemini from 'tokligence/plugins/protocol/gemini'
import openaiChat from 'tokligence/plugins/protocol/openai-chat'
import openaiResponses from 'tokligence/plugins/protocol/openai-responses'
import { describe, expect, it } from 'vitest'
import { GatewaySeals } from '../../../../plugins/seal/signed-seals/gateway-seals.ts'
import { keysOf } from '../../../../plugins/seal/signed-seals/seal-key.ts'
import { setUp } from '../../set-up.ts'

const seals = new GatewaySeals(() => keysOf(Buffer.alloc(32, 5)))
const signature = Buffer.from('a signature').toString('base64')

interface Side {
  readonly protocol: Protocol
  /** A first request, which offers a tool. */
  readonly ask: JsonObject
  /** A reply with opaque values. */
  readonly reply: JsonObject
  /** The request that gives a reply back, with the results of its calls. */
  next(reply: JsonObject): JsonObject
  /** Everything in a reply or a request that holds an opaque value, as it stands there. */
  opaque(body: JsonObject): readonly Json[]
}

const at = (value: unknown, ...path: (string | number)[]): Json =>
  path.reduce((inner, key) => (inner as Record<string | number, unknown>)?.[key], value) as Json
const list = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : [])

const messages: Side = {
  protocol: await setUp<Protocol>(anthropicMessages()),
  ask: {
    model: 'm',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Weather?' }],
    tools: [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }],
  },
  reply: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [
      { type: 'thinking', thinking: 'Hm.', signature },
      { type: 'redacted_thinking', data: signature },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 2 },
  },
  next: (reply) => ({
    ...messages.ask,
    messages: [
      ...list(messages.ask.messages),
      { role: 'assistant', content: reply.content as Json },
      {
        role: 'user',
        content: list(reply.content)
          .filter(({ type }) => type === 'tool_use')
          .map(({ id }) => ({ type: 'tool_result', tool_use_id: id as string, content: 'Sunny.' })),
      },
    ],
  }),
  opaque: (body) =>
    [...list(body.content), ...list(body.messages).flatMap(({ content }) => list(content))].filter(({ type }) => String(type).includes('thinking')),
}

const responses: Side = {
  protocol: await setUp<Protocol>(openaiResponses()),
  ask: {
    model: 'm',
    input: [{ role: 'user', content: 'Weather?' }],
    tools: [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: {} }, strict: false }],
  },
  reply: {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'm',
    output: [
      { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: signature },
      { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Let me look.', annotations: [] }] },
      { id: 'rs_2', type: 'reasoning', summary: [], encrypted_content: `${signature}2` },
      { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' },
    ],
    usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  },
  next: (reply) => ({
    ...responses.ask,
    input: [
      ...list(responses.ask.input),
      ...list(reply.output),
      ...list(reply.output)
        .filter(({ type }) => type === 'function_call')
        .map(({ call_id }) => ({ type: 'function_call_output', call_id: call_id as string, output: 'Sunny.' })),
    ],
  }),
  opaque: (body) => [...list(body.output), ...list(body.input)].filter(({ type }) => type === 'reasoning'),
}

const contents: Side = {
  protocol: await setUp<Protocol>(gemini()),
  ask: {
    model: 'm',
    contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }],
    tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: { type: 'object', properties: {} } }] }],
  },
  reply: {
    responseId: 'r1',
    modelVersion: 'm',
    candidates: [
      {
        index: 0,
        finishReason: 'STOP',
        content: {
          role: 'model',
          parts: [
            { text: 'Hm.', thought: true },
            { text: 'Let me look.', thoughtSignature: signature },
            { functionCall: { id: 'call_1', name: 'weather', args: { city: 'Rome' } }, thoughtSignature: `${signature}` },
            { functionCall: { id: 'call_2', name: 'weather', args: { city: 'Oslo' } } },
          ],
        },
      },
    ],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
  },
  next: (reply) => ({
    ...contents.ask,
    contents: [
      ...list(contents.ask.contents),
      at(reply, 'candidates', 0, 'content') as JsonObject,
      {
        role: 'user',
        parts: list(at(reply, 'candidates', 0, 'content', 'parts'))
          .filter(({ functionCall }) => functionCall !== undefined)
          .map(({ functionCall }) => ({ functionResponse: { id: at(functionCall, 'id'), name: at(functionCall, 'name'), response: { output: 'Sunny.' } } })),
      },
    ],
  }),
  opaque: (body) =>
    [...list(at(body, 'candidates', 0, 'content', 'parts')), ...list(body.contents).flatMap(({ parts }) => list(parts))].filter(
      ({ thoughtSignature }) => thoughtSignature !== undefined,
    ),
}

const chat: Side = {
  protocol: await setUp<Protocol>(openaiChat()),
  ask: {
    model: 'm',
    messages: [{ role: 'user', content: 'Weather?' }],
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }],
  },
  reply: {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant',
          content: 'Let me look.',
          reasoning: 'Hm.',
          reasoning_details: [
            { type: 'reasoning.text', text: 'Hm.', signature, format: 'anthropic-claude-v1', index: 0 },
            { type: 'reasoning.encrypted', data: signature, id: 'x', format: 'anthropic-claude-v1', index: 1 },
          ],
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
        },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  },
  next: (reply) => {
    const message = at(reply, 'choices', 0, 'message') as JsonObject
    const results = list(message.tool_calls).map(({ id }) => ({ role: 'tool', tool_call_id: id as string, content: 'Sunny.' }))
    return { ...chat.ask, messages: [...list(chat.ask.messages), message, ...results] }
  },
  opaque: (body) =>
    [at(body, 'choices', 0, 'message', 'reasoning_details'), ...list(body.messages).map((message) => message.reasoning_details)].filter(
      (details): details is Json => details !== undefined,
    ),
}

const sides = { messages, responses, contents, chat }
const pairs = Object.entries(sides).flatMap(([caller, from]) =>
  Object.entries(sides).flatMap(([provider, to]) => (from === to ? [] : [{ caller, provider, from, to }])),
)

const callOf = (body: JsonObject) => ({
  operation: 'generate',
  body: Buffer.from(JSON.stringify(body)),
  params: { model: 'm' },
  query: new URLSearchParams(),
  headers: {},
})

/** A reply as a client of the protocol puts it together from its stream. */
function gathered(protocol: Protocol, encoder: StreamEncoder, reply: Reply, conversation: Conversation): JsonObject {
  const bytes = replyEvents(reply)
    .map((event) => encoder.push(event))
    .join('')
  const framer = new EventFramer()
  const decoder = protocol.createStreamDecoder()
  const accumulator = new ReplyAccumulator()
  const events = [...parseEvents((framer.push(Buffer.from(bytes)) ?? '').toString()), ...parseEvents(framer.rest().toString())].flatMap((event) =>
    decoder.push(event),
  )
  for (const event of [...events, ...decoder.end()]) accumulator.push(event)
  return protocol.encodeReply(accumulator.reply(), { losses: new LossSink(), conversation, estimatedInput: 1, replyId: 'r' }) as JsonObject
}

/** What the provider is asked after its reply went through the caller. */
function around(from: Side, to: Side, form: 'whole' | 'streamed', { provider = 'p', issuer }: { provider?: string; issuer: SealIssuer | undefined }) {
  const losses = new LossSink()
  const read = (body: JsonObject) => from.protocol.decodeRequest(body, callOf(body))
  const first = viaConversation(from.protocol, to.protocol).open()
  const keeper = issuer?.keeperFor('p', 'account', to.protocol.id)
  const conversation = read(from.ask)
  first.encodeRequest(conversation, { losses: new LossSink(), facts: {}, seals: keeper })
  const options: EncodeReplyOptions = { losses: new LossSink(), conversation, estimatedInput: 1, replyId: 'r', seals: keeper }
  const given = first.decodeReply(to.reply)
  const reply =
    form === 'whole' ? (first.encodeReply(given, options) as JsonObject) : gathered(from.protocol, first.createStreamEncoder(options), given, conversation)
  const second = viaConversation(from.protocol, to.protocol).open()
  const body = second.encodeRequest(read(from.next(reply)), { losses, facts: {}, seals: issuer?.keeperFor(provider, 'account', to.protocol.id) })
  return { reply, body, losses: losses.losses, replyLosses: options.losses.losses }
}

describe.each(pairs)('thoughts of a provider of $provider that a caller of $caller carried', ({ from, to }) => {
  it.each(['whole', 'streamed'] as const)('come back as they were: %s', (form) => {
    const { body, losses } = around(from, to, form, { issuer: seals })
    expect(to.opaque(body)).toEqual(to.opaque(to.reply))
    expect(losses.filter(({ feature }) => /reason|seal|think|signature/.test(feature))).toEqual([])
    expect(JSON.stringify(body)).not.toMatch(/tkl1\.|dGtsMS/)
  })

  it('are not shown to another provider', () => {
    const { body } = around(from, to, 'whole', { issuer: seals, provider: 'q' })
    expect(JSON.stringify(body)).not.toMatch(/tkl1\.|dGtsMS/)
    expect(JSON.stringify(body)).not.toContain(signature)
  })

  it.each(['whole', 'streamed'] as const)('do not reach the caller where no plugin makes seals, and that is a loss: %s', (form) => {
    const { reply, body, replyLosses } = around(from, to, form, { issuer: undefined })
    expect(JSON.stringify([reply, body])).not.toMatch(/tkl1\.(?!none)|dGtsMS(?!5ub25l)/)
    expect(JSON.stringify([reply, body])).not.toContain(signature)
    const lost = replyLosses.filter(({ feature }) => feature === 'reasoning-seal')
    expect(lost.length).toBeGreaterThanOrEqual(to.opaque(to.reply).length)
    expect(new Set(lost.map(({ action, severity }) => `${action} ${severity}`))).toEqual(new Set(['dropped hint']))
    expect(JSON.stringify(reply)).toContain('Let me look.')
  })
})
