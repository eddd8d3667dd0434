import {
  type Conversation,
  type EncodeReplyOptions,
  EventFramer,
  type JsonObject,
  LossSink,
  type Protocol,
  parseEvents,
  type Translation,
  type TranslationSession,
} from 'tokligence'
import { describe, expect, it } from 'vitest'
import { anthropicMessages } from '../../../plugins/protocol/anthropic-messages/index.ts'
import { openaiChat } from '../../../plugins/protocol/openai-chat/index.ts'
import { anthropicMessagesToOpenaiChat } from '../../../plugins/translation/anthropic-messages-to-openai-chat/index.ts'
import { checkAnthropicMessagesStream } from '../../support/check-anthropic-messages-stream.ts'
import { refuseChatRequest } from '../../support/openai-chat-request-rules.ts'
import { recordings } from '../../support/recordings.ts'
import { anthropicClient, readMessages } from '../../support/sdk-readings.ts'
import { setUp, setUpWithApi } from '../set-up.ts'

const messages = await setUp<Protocol>(anthropicMessages())
const chat = await setUp<Protocol>(openaiChat())
const { api, contribution: translation } = await setUpWithApi<Translation>(anthropicMessagesToOpenaiChat())
api.registry.add('protocol', 'anthropic-messages', messages)
api.registry.add('protocol', 'openai-chat', chat)

function conversationOf(body: JsonObject): Conversation {
  const whole = { model: 'claude-test', max_tokens: 1000, messages: [{ role: 'user', content: 'Hello' }], ...body }
  return messages.decodeRequest(whole, { operation: 'generate', body: Buffer.alloc(0), params: {}, query: new URLSearchParams(), headers: {} })
}

function optionsFor(body: JsonObject): EncodeReplyOptions {
  return { losses: new LossSink(), conversation: conversationOf(body), estimatedInput: 5, replyId: '0190a000-0000-7000-8000-000000000000' }
}

/** A session that has sent the request. */
function openFor(body: JsonObject): TranslationSession {
  const session = translation.open()
  session.encodeRequest(conversationOf(body), { losses: new LossSink(), facts: {} })
  return session
}

/** The body for the provider, which must be one that it accepts, and the losses. */
function request(body: JsonObject) {
  const losses = new LossSink()
  const encoded = translation.open().encodeRequest(conversationOf(body), { losses, facts: {} })
  expect(refuseChatRequest(encoded)).toBeUndefined()
  return { encoded, lost: losses.losses.map(({ path, feature, severity }) => `${path} ${feature} ${severity}`) }
}

const schema = { type: 'object', properties: {} }

describe('a request of Messages', () => {
  it('reaches the provider with tools, results, images and settings', () => {
    const { encoded, lost } = request({
      stream: true,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      tools: [{ name: 'get', description: 'Gets', input_schema: schema }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      metadata: { user_id: 'user-1' },
      stop_sequences: ['END'],
      temperature: 0.5,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 's' },
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'toolu_1', name: 'get', input: { a: 1 } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'found', is_error: false },
            { type: 'text', text: 'And?' },
          ],
        },
      ],
    })
    expect(encoded).toEqual({
      model: 'claude-test',
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
          ],
        },
        { role: 'assistant', content: 'I look.', tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'get', arguments: '{"a":1}' } }] },
        { role: 'tool', tool_call_id: 'toolu_1', content: 'found' },
        { role: 'user', content: 'And?' },
      ],
      tools: [{ type: 'function', function: { name: 'get', description: 'Gets', parameters: schema } }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      max_completion_tokens: 1000,
      stop: ['END'],
      temperature: 0.5,
      user: 'user-1',
    })
    expect(lost).toEqual(['messages[1].content[0] reasoning-seal hint', 'system[0].cache_control cache-marker hint', 'messages[1].content[0] thinking hint'])
  })

  it('leaves out what would spoil the provider’s prompt cache, and what means nothing here', () => {
    const { encoded, lost } = request({
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1; cch=0;' },
        { type: 'text', text: 'You are a coder.' },
      ],
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'system', content: 'It is Monday.', output_config: { effort: 'low' } },
      ],
      service_tier: 'standard_only',
    })
    expect(encoded.messages).toEqual([
      { role: 'system', content: 'You are a coder.' },
      { role: 'user', content: 'Hello' },
      { role: 'system', content: 'It is Monday.' },
    ])
    expect(encoded.service_tier).toBe('default')
    expect(lost.sort()).toEqual(['context_management context-management hint', 'messages[1].output_config output-config hint', 'system[0] billing-header hint'])
  })

  it('reports an edit of the context that changes what the model sees', () => {
    const { lost } = request({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } })
    expect(lost).toEqual(['context_management context-management semantic'])
  })

  it('tells in words which tools a search found', () => {
    const { encoded } = request({
      tools: [
        { name: 'ToolSearch', input_schema: schema },
        { name: 'WebFetch', input_schema: schema, defer_loading: true },
      ],
      messages: [
        { role: 'user', content: 'Fetch' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'ToolSearch', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'tool_reference', tool_name: 'WebFetch' }] }] },
      ],
    })
    expect(encoded.messages).toContainEqual({ role: 'tool', tool_call_id: 't', content: 'The tool WebFetch can be called now.' })
  })
})

describe('names of tools that the provider refuses', () => {
  const long = `mcp__${'server_'.repeat(10)}__read`
  const body = {
    tools: [long, 'a.b', 'plain'].map((name) => ({ name, input_schema: schema })),
    tool_choice: { type: 'tool', name: long },
    messages: [
      { role: 'user', content: 'Read' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'a.b', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: '1' }] },
    ],
  }
  const names = (request(body).encoded.tools as { function: { name: string } }[]).map((tool) => tool.function.name)

  it('become names that it takes, the same everywhere and every time', () => {
    const { encoded, lost } = request(body)
    expect(names).toEqual([expect.stringMatching(/^mcp__server_[a-z_]+_[0-9a-f]{8}$/), expect.stringMatching(/^a_b_[0-9a-f]{8}$/), 'plain'])
    expect(encoded.tool_choice).toEqual({ type: 'function', function: { name: names[0] } })
    expect(JSON.stringify(encoded.messages)).toContain(`"name":"${names[1]}"`)
    expect(lost).toEqual(['tools[0].name tool-name hint', 'tools[1].name tool-name hint'])
    expect(request(body).encoded).toEqual(encoded)
  })

  it('are the caller’s own again in the reply, streamed or not', () => {
    const calls = names.map((name, index) => ({ index, id: `call_${index}`, type: 'function', function: { name, arguments: '{}' } }))
    const whole = {
      id: 'x',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls: calls }, finish_reason: 'tool_calls' }],
    }
    const session = openFor(body)
    const reply = session.encodeReply(session.decodeReply(whole), optionsFor(body)) as { content: { name: string }[] }
    expect(reply.content.map(({ name }) => name)).toEqual([long, 'a.b', 'plain'])
    const stream = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: calls }, finish_reason: 'tool_calls' }] })}\n\ndata: [DONE]\n\n`
    const bytes = translate(Buffer.from(stream), body)
    expect([...bytes.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name)).toEqual([long, 'a.b', 'plain'])
  })
})

/** The caller's stream for a stream of the provider. */
function translate(body: Buffer, asked: JsonObject = {}): string {
  const session = openFor(asked)
  const decoder = session.createStreamDecoder()
  const encoder = session.createStreamEncoder(optionsFor({ ...asked, stream: true }))
  const whole = new EventFramer().push(body) ?? Buffer.alloc(0)
  const events = [...parseEvents(whole.toString('utf8')).flatMap((event) => decoder.push(event)), ...decoder.end()]
  return events.map((event) => encoder.push(event)).join('')
}

describe('every recorded reply of chat completions', () => {
  const answered = recordings('openai-chat').filter(({ status }) => status === 200)

  it.each(answered.filter(({ stream, body }) => stream && body.includes('[DONE]')))('$id is a legal stream of Messages', async ({ body }) => {
    const bytes = Buffer.from(translate(body))
    expect(checkAnthropicMessagesStream(bytes, {})).toEqual([])
    const client = anthropicClient('http://127.0.0.1', () =>
      Promise.resolve(new Response(new Uint8Array(bytes), { headers: { 'content-type': 'text/event-stream' } })),
    )
    const read = await readMessages(client, { model: 'm', max_tokens: 9, messages: [], stream: true })
    const texts = [...body.toString('utf8').matchAll(/^data: (\{.*\})/gm)].flatMap(
      ([, data]) => JSON.parse(data as string).choices as { index: number; delta: { content?: string; refusal?: string } }[],
    )
    const said = texts.filter(({ index }) => index === 0).map(({ delta }) => delta.content ?? delta.refusal ?? '')
    expect(read.text + read.refusal).toBe(said.join(''))
  })

  it.each(answered.filter(({ stream }) => !stream))('$id is a message', ({ body }) => {
    const session = translation.open()
    const reply = session.encodeReply(session.decodeReply(JSON.parse(body.toString('utf8'))), optionsFor({}))
    expect(reply).toMatchObject({ type: 'message', role: 'assistant', stop_reason: expect.any(String) })
  })
})
