import { type EncodeReplyOptions, type JsonObject, LossSink, type PluginApi, type Protocol, parseEvents, type Registry, type Translation } from 'tokligence'
import anthropicMessages from 'tokligence/plugins/protocol/anthropic-messages'
import openaiChat from 'tokligence/plugins/protocol/openai-chat'
import openaiChatToAnthropicMessages from 'tokligence/plugins/translation/openai-chat-to-anthropic-messages'
import { describe, expect, it } from 'vitest'

const protocols = new Map<string, Protocol>()
const asked: string[] = []
const registry = {
  get(_kind: string, id: string) {
    asked.push(id)
    return protocols.get(id)
  },
} as unknown as Registry
const api = { registry, addRoute() {} } as unknown as PluginApi

const translation = (await openaiChatToAnthropicMessages().setup(api)) as Translation
const askedAtSetup = asked.length
protocols.set('openai-chat', (await openaiChat().setup(api)) as Protocol)
protocols.set('anthropic-messages', (await anthropicMessages().setup(api)) as Protocol)
const chat = protocols.get('openai-chat') as Protocol

const patch = { type: 'custom', custom: { name: 'apply_patch', description: 'Applies a patch.' } }
const look = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }

function open(body: JsonObject) {
  const losses = new LossSink()
  const call = { operation: 'generate', body: Buffer.from(JSON.stringify(body)), params: {}, query: new URLSearchParams(), headers: {} }
  const conversation = chat.decodeRequest(body, call)
  const options: EncodeReplyOptions = { losses, conversation, estimatedInput: 3, replyId: '01890a5d-ac96-774b-bcce-b302099a8057' }
  const session = translation.open()
  return { session, options, losses, request: session.encodeRequest(conversation, { losses, facts: {} }) }
}

function message(content: JsonObject[], stop_reason = 'end_turn'): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-test',
    content,
    stop_reason,
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 6 },
  }
}

/** The provider's stream of a message whose tool inputs come in three pieces. */
function streamOf(whole: JsonObject): { event: string; data: string }[] {
  const { content, stop_reason, usage, ...head } = whole
  const events: JsonObject[] = [{ type: 'message_start', message: { ...head, content: [], stop_reason: null, usage: { input_tokens: 5, output_tokens: 1 } } }]
  for (const [index, block] of (content as JsonObject[]).entries()) {
    const { text, input } = block
    events.push({ type: 'content_block_start', index, content_block: { ...block, ...(input ? { input: {} } : { text: '' }) } })
    const json = input ? JSON.stringify(input) : ''
    for (const piece of input ? [json.slice(0, 5), json.slice(5, 15), json.slice(15)] : [])
      events.push({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: piece } })
    if (typeof text === 'string') events.push({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } })
    events.push({ type: 'content_block_stop', index })
  }
  events.push({ type: 'message_delta', delta: { stop_reason: stop_reason ?? null, stop_sequence: null }, usage: usage ?? {} }, { type: 'message_stop' })
  return events.map((event) => ({ event: String(event.type), data: JSON.stringify(event) }))
}

/** The chunks that a chat caller reads. */
function chunksOf(whole: JsonObject, body: JsonObject): JsonObject[] {
  const { session, options } = open(body)
  const decoder = session.createStreamDecoder()
  const encoder = session.createStreamEncoder(options)
  const events = [...streamOf(whole).flatMap((event) => decoder.push(event)), ...decoder.end()]
  const bytes = events.map((event) => encoder.push(event)).join('')
  return parseEvents(bytes).flatMap(({ data }) => (data === '[DONE]' ? [] : [JSON.parse(data) as JsonObject]))
}

function deltasOf(chunks: readonly JsonObject[]): JsonObject[] {
  return chunks.flatMap(({ choices }) => (choices as JsonObject[]).map(({ delta }) => delta as JsonObject))
}

describe('chat completions answered by a Messages provider', () => {
  it('take arguments of any depth, which stand as text where they are too deep', () => {
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    const call = { id: 'c', type: 'function', function: { name: 'look', arguments: deep } }
    const messages = [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: 'seen' },
    ]
    const { request, losses } = open({ model: 'claude-test', max_tokens: 100, messages })
    expect(JSON.stringify(request)).toContain(JSON.stringify({ input: { input: deep } }).slice(1, -1))
    expect(losses.losses).toMatchObject([{ feature: 'tool-arguments', severity: 'semantic' }])
  })

  it('asks for the two protocols when it is first used, not while it is set up', () => {
    expect(askedAtSetup).toBe(0)
    expect(translation).toMatchObject({ from: 'openai-chat', to: 'anthropic-messages' })
  })

  it('translates a round of parallel tools', () => {
    const calls = ['a', 'b'].map((id) => ({ id: `call_${id}`, type: 'function', function: { name: 'look', arguments: `{"at":"${id}"}` } }))
    const { request } = open({
      model: 'claude-test',
      max_tokens: 100,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: null, tool_calls: calls },
        { role: 'tool', tool_call_id: 'call_a', content: 'one' },
        { role: 'tool', tool_call_id: 'call_b', content: 'two' },
      ],
      tools: [look],
    })
    expect(request).toEqual({
      model: 'claude-test',
      max_tokens: 100,
      system: 'Be brief.',
      messages: [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: ['a', 'b'].map((at) => ({ type: 'tool_use', id: `call_${at}`, name: 'look', input: { at } })) },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_a', content: 'one' },
            { type: 'tool_result', tool_use_id: 'call_b', content: 'two' },
          ],
        },
      ],
      tools: [{ name: 'look', input_schema: { type: 'object', properties: {} } }],
    })
  })

  it('answers in the caller’s protocol, streamed and not', () => {
    const body = { model: 'claude-test', messages: [{ role: 'user', content: 'hi' }] }
    const reply = message([{ type: 'text', text: 'Hello.' }])
    const { session, options } = open(body)
    expect(session.encodeReply(session.decodeReply(reply), options)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 6 },
    })
    const text = deltasOf(chunksOf(reply, body)).map(({ content }) => (typeof content === 'string' ? content : ''))
    expect(text.join('')).toBe('Hello.')
  })

  describe('with a tool that takes free text', () => {
    const text = '*** Begin "Patch"\n+é 😀\n'
    const body = {
      model: 'claude-test',
      messages: [{ role: 'user', content: 'Patch it.' }],
      tools: [patch, look],
    }
    const reply = message([{ type: 'tool_use', id: 'toolu_1', name: 'apply_patch', input: { input: text } }], 'tool_use')

    it('offers a function instead, and says so', () => {
      const { request, losses } = open(body)
      expect(request.tools).toMatchObject([{ name: 'apply_patch', input_schema: { required: ['input'] } }, { name: 'look' }])
      expect(losses.losses).toContainEqual(expect.objectContaining({ path: 'tools[0]', feature: 'freeform-tool', action: 'approximated' }))
    })

    it('gives the caller the free text back, not the JSON around it', () => {
      const { session, options } = open(body)
      const answer = session.encodeReply(session.decodeReply(reply), options) as { choices: { message: { tool_calls: object[] } }[] }
      expect(answer.choices[0]?.message.tool_calls).toMatchObject([{ id: 'toolu_1', type: 'custom', custom: { name: 'apply_patch', input: text } }])
    })

    it('does so in a stream too', () => {
      const pieces = deltasOf(chunksOf(reply, body)).flatMap(({ tool_calls }) => (tool_calls ?? []) as { custom?: { input?: string }; function?: object }[])
      expect(pieces.map(({ custom }) => custom?.input ?? '').join('')).toBe(text)
      expect(pieces.some((piece) => piece.function !== undefined)).toBe(false)
    })

    it('leaves calls of other tools alone', () => {
      const call = message([{ type: 'tool_use', id: 'toolu_1', name: 'look', input: { input: 'x' } }], 'tool_use')
      const pieces = deltasOf(chunksOf(call, body)).flatMap(({ tool_calls }) => (tool_calls ?? []) as { function?: { arguments?: string } }[])
      expect(pieces.map((piece) => piece.function?.arguments ?? '').join('')).toBe('{"input":"x"}')
    })
  })

  it('reports an empty message that cannot be sent', () => {
    const { losses } = open({
      model: 'claude-test',
      max_tokens: 10,
      messages: [
        { role: 'user', content: '' },
        { role: 'user', content: 'hi' },
      ],
    })
    expect(losses.losses).toEqual([expect.objectContaining({ path: 'messages[0].content', feature: 'empty-text', action: 'dropped' })])
  })

  it('carries cache markers of content and tools to where they mean something', () => {
    const cache_control = { type: 'ephemeral' }
    const { request, losses } = open({
      model: 'claude-test',
      max_tokens: 10,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Long.', cache_control }] },
        { role: 'user', content: 'hi' },
      ],
      tools: [{ ...look, cache_control }],
    })
    expect(request).toMatchObject({ system: [{ type: 'text', text: 'Long.', cache_control }], tools: [{ name: 'look', cache_control }] })
    expect(losses.losses).toEqual([])
  })
})
