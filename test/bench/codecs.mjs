/**
 * What translating costs, per direction: a request of 100 KB from its text to the provider's text, and one event of a stream from the provider's text
 * to the caller's. `node test/bench/codecs.mjs [--seconds 0.5] [--json]`. Needs a build.
 */
import { parseArgs } from 'node:util'
import { LossSink, parseEvents, parseJsonObject } from 'tokligence'
import { protocols, translations } from 'tokligence/plugins'
import { fakePluginApi } from 'tokligence/testing'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '0.5' }, json: { type: 'boolean', default: false } } })
const milliseconds = Number(values.seconds) * 1_000

const api = fakePluginApi()
for (const plugin of protocols()) api.registry.add('protocol', plugin.id, await plugin.setup(api))

const words = 'A gateway meters what it forwards, and forwards what it is given. '.repeat(8)
const turns = 160
const tool = {
  name: 'search_files',
  description: words,
  schema: { type: 'object', properties: { query: { type: 'string' }, limit: { type: 'integer' } }, required: ['query'] },
}

/** A conversation of about 100 KB with text, calls and results, written in each protocol. */
const requests = {
  'openai-chat': {
    model: 'm',
    stream: true,
    messages: history(
      (index) => [
        {
          role: 'assistant',
          content: words,
          tool_calls: [{ id: `call_${index}`, type: 'function', function: { name: tool.name, arguments: '{"query":"x"}' } }],
        },
        { role: 'tool', tool_call_id: `call_${index}`, content: words },
      ],
      { role: 'user', content: words },
    ),
    tools: [{ type: 'function', function: { name: tool.name, description: words, parameters: tool.schema } }],
  },
  'openai-responses': {
    model: 'm',
    stream: true,
    input: history(
      (index) => [
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: words, annotations: [] }] },
        { type: 'function_call', call_id: `call_${index}`, name: tool.name, arguments: '{"query":"x"}' },
        { type: 'function_call_output', call_id: `call_${index}`, output: words },
      ],
      { role: 'user', content: words },
    ),
    tools: [{ type: 'function', name: tool.name, description: words, parameters: tool.schema, strict: false }],
  },
  'anthropic-messages': {
    model: 'm',
    stream: true,
    max_tokens: 1_000,
    messages: history(
      (index) => [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: words },
            { type: 'tool_use', id: `call_${index}`, name: tool.name, input: { query: 'x' } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: `call_${index}`, content: words }] },
      ],
      { role: 'user', content: words },
    ),
    tools: [{ name: tool.name, description: words, input_schema: tool.schema }],
  },
  gemini: {
    contents: history(
      (index) => [
        { role: 'model', parts: [{ text: words }, { functionCall: { id: `call_${index}`, name: tool.name, args: { query: 'x' } } }] },
        { role: 'user', parts: [{ functionResponse: { id: `call_${index}`, name: tool.name, response: { output: words } } }] },
      ],
      { role: 'user', parts: [{ text: words }] },
    ),
    tools: [{ functionDeclarations: [{ name: tool.name, description: words, parametersJsonSchema: tool.schema }] }],
  },
}

function history(pair, first) {
  const written = [first]
  for (let index = 0; JSON.stringify(written).length < 100 * 1_024 && index < turns; index++) written.push(...pair(index))
  return written
}

function conversationOf(protocol) {
  const body = Buffer.from(JSON.stringify(requests[protocol.id]))
  return { body, call: { operation: 'generate', body, params: { '*': 'm:streamGenerateContent' }, query: new URLSearchParams(), headers: {} } }
}

/** The events of a reply of 500 pieces, as a provider writes them. */
function streamOf(protocol, conversation) {
  const encoder = protocol.createStreamEncoder(replyOptions(conversation))
  const events = [
    { type: 'reply-start', id: 'r', model: 'm' },
    { type: 'block-start', index: 0, block: { type: 'text', text: '' } },
  ]
  for (let piece = 0; piece < 500; piece++) events.push({ type: 'block-delta', index: 0, delta: { type: 'text', text: 'a few words ' } })
  events.push({ type: 'block-end', index: 0 }, { type: 'usage', usage: { inputUncached: 9, output: 500, source: 'measured' } })
  events.push({ type: 'finish', finish: { reason: 'stop' } }, { type: 'reply-end' })
  return parseEvents(events.map((event) => encoder.push(event)).join(''))
}

function replyOptions(conversation) {
  return { losses: new LossSink(), conversation, estimatedInput: 9, replyId: '00000000-0000-7000-8000-000000000000' }
}

/** Median microseconds of a step, over as many runs as fit into the time. */
function time(step) {
  const figures = []
  for (const until = performance.now() + milliseconds; performance.now() < until || figures.length < 5; ) {
    const begin = performance.now()
    step()
    figures.push((performance.now() - begin) * 1_000)
  }
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]
}

const results = []
for (const plugin of translations()) {
  const translation = await plugin.setup(api)
  const from = api.registry.get('protocol', translation.from)
  const to = api.registry.get('protocol', translation.to)
  const { body, call } = conversationOf(from)
  const decode = () => from.decodeRequest(parseJsonObject(body), call)
  const conversation = decode()
  const request = time(() => JSON.stringify(translation.open().encodeRequest(decode(), { losses: new LossSink(), facts: {} })))
  const events = streamOf(to, conversation)
  const session = translation.open()
  session.encodeRequest(conversation, { losses: new LossSink(), facts: {} })
  const stream = time(() => {
    const decoder = session.createStreamDecoder()
    const encoder = session.createStreamEncoder(replyOptions(conversation))
    for (const event of events) for (const decoded of decoder.push(event)) encoder.push(decoded)
  })
  results.push({
    direction: `${translation.from} → ${translation.to}`,
    requestKilobytes: Math.round(body.length / 1_024),
    requestMicroseconds: Math.round(request),
    megabytesPerSecond: Number((body.length / request).toFixed(0)),
    eventMicroseconds: Number((stream / events.length).toFixed(2)),
  })
}
if (values.json) console.log(JSON.stringify(results))
else console.table(results)
