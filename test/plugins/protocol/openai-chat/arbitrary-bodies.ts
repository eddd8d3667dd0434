import fc from 'fast-check'
import type { Json, JsonObject } from 'tokligence'

const text = fc.string({ maxLength: 12 })
// JSON text, because values off the wire have no -0.
const anything = fc.json({ maxDepth: 2 }).map((json) => JSON.parse(json.replaceAll('-0', '0')) as Json)
const schema = fc.constantFrom<JsonObject>({ type: 'object' }, {}, { type: 'object', properties: { a: { type: 'string' } } })

/** A record whose fields may be absent or null, with an unknown field now and then. */
function fields(required: Readonly<Record<string, fc.Arbitrary<unknown>>>, optional: Readonly<Record<string, fc.Arbitrary<unknown>>>) {
  const nullable = Object.fromEntries(Object.entries(optional).map(([name, value]) => [name, fc.oneof({ weight: 4, arbitrary: value }, fc.constant(null))]))
  const all: Readonly<Record<string, fc.Arbitrary<unknown>>> = { ...required, ...nullable, unknown: anything }
  return fc.record(all, { requiredKeys: Object.keys(required) })
}

const part = fc.oneof(
  fields({ type: fc.constant('text'), text }, {}),
  fields({ type: fc.constant('refusal'), refusal: text }, {}),
  fields(
    { type: fc.constant('image_url'), image_url: fields({ url: fc.constantFrom('https://a.example/b', 'data:image/png;base64,AA==') }, { detail: text }) },
    {},
  ),
  fields({ type: fc.constant('image_url'), image_url: fc.constantFrom('https://a.example/b', 'data:image/png;base64,AA==') }, {}),
  fields({ type: fc.constant('input_audio'), input_audio: fields({ data: text, format: fc.constantFrom('wav', 'mp3', 'mpeg', 'x-wav', 'flac') }, {}) }, {}),
  fields({ type: fc.constant('file'), file: fields({ file_id: text }, { filename: text }) }, {}),
  fields(
    {
      type: fc.constant('file'),
      file: fields({ file_data: fc.constantFrom('AA==', 'data:application/pdf;base64,AA==', 'https://a.example') }, { file_id: text }),
    },
    {},
  ),
  fields({ type: fc.constant('thinking') }, { thinking: fc.oneof(anything, fc.array(fc.record({ type: fc.constant('text'), text }))) }),
  fields({ type: fc.constant('video_url') }, { video_url: anything }),
)

const content = fc.oneof(text, fc.array(part, { maxLength: 3 }))

const toolCall = fc.oneof(
  fields({ id: text, function: fields({ name: text, arguments: text }, { parsed_arguments: anything }) }, { type: fc.constant('function'), index: fc.nat(3) }),
  fields({ id: text, type: fc.constant('custom'), custom: fields({ name: text, input: text }, {}) }, {}),
  fields({ id: text, type: fc.constant('mcp') }, {}),
)

const message = fc.oneof(
  fields({ role: fc.constantFrom('system', 'developer', 'user'), content }, { name: text }),
  fields(
    { role: fc.constant('assistant') },
    {
      content,
      name: text,
      refusal: text,
      tool_calls: fc.array(toolCall, { maxLength: 3 }),
      function_call: fc.record({ name: text, arguments: text }),
      reasoning_content: text,
      reasoning: fc.oneof(text, anything),
      reasoning_details: fc.oneof(anything, fc.array(fc.record({ type: text, text, summary: text }, { requiredKeys: ['type'] }), { maxLength: 2 })),
      annotations: fc.oneof(anything, fc.array(anything, { maxLength: 2 })),
    },
  ),
  fields({ role: fc.constant('tool'), tool_call_id: text }, { content, name: text }),
  fields({ role: fc.constant('function'), name: text }, { content: text }),
)

const definition = fields({ name: text }, { description: text, parameters: schema, strict: fc.boolean() })

/** Bodies that the protocol allows, with what only compatible hosts know, and with members that say nothing. */
export const validBody: fc.Arbitrary<JsonObject> = fields(
  { model: text, messages: fc.array(message, { maxLength: 4 }) },
  {
    stream: fc.boolean(),
    stream_options: fields({}, { include_usage: fc.boolean(), include_obfuscation: fc.boolean() }),
    tools: fc.array(
      fc.oneof(
        fields({ type: fc.constant('function'), function: definition }, {}),
        fields({ type: fc.constant('custom'), custom: fields({ name: text }, { description: text, format: anything }) }, {}),
        fields({ type: fc.constant('web_search') }, {}),
      ),
      { maxLength: 3 },
    ),
    functions: fc.array(definition, { maxLength: 2 }),
    tool_choice: fc.oneof(
      fc.constantFrom('auto', 'none', 'required', 'any'),
      fc.record({ type: fc.constantFrom('function', 'custom'), function: definition, custom: definition }),
    ),
    function_call: fc.oneof(fc.constantFrom('auto', 'none'), fc.record({ name: text })),
    parallel_tool_calls: fc.boolean(),
    max_tokens: fc.nat(),
    max_completion_tokens: fc.nat(),
    stop: fc.oneof(text, fc.array(text, { maxLength: 6 })),
    n: fc.nat(4),
    temperature: fc.constantFrom(0, 0.5, 2),
    top_k: fc.nat(9),
    seed: fc.integer(),
    logprobs: fc.boolean(),
    top_logprobs: fc.nat(5),
    response_format: fc.oneof(
      fields({ type: fc.constantFrom('text', 'json_object', 'grammar') }, {}),
      fields({ type: fc.constant('json_schema'), json_schema: fields({ schema }, { name: text, strict: fc.boolean() }) }, {}),
    ),
    reasoning_effort: fc.constantFrom('none', 'low', 'max'),
    service_tier: text,
    metadata: fc.dictionary(text, anything, { maxKeys: 2 }),
    user: text,
  },
  // As a body comes off the wire: JSON has no -0 and no undefined.
).map((body) => JSON.parse(JSON.stringify(body)) as JsonObject)

/** Such a body with one value, anywhere in it, replaced by anything. */
export const spoiltBody: fc.Arbitrary<JsonObject> = fc.tuple(validBody, fc.nat(), anything).map(([body, place, value]) => {
  const paths = leafPaths(body)
  const path = paths[place % paths.length] ?? ['model']
  return replaceAt(body, path, value) as JsonObject
})

function leafPaths(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [...(path.length > 0 ? [path] : []), ...Object.entries(value).flatMap(([key, inner]) => leafPaths(inner as Json, [...path, key]))]
}

function replaceAt(value: Json, [key, ...rest]: readonly string[], replacement: Json): Json {
  if (key === undefined) return replacement
  if (Array.isArray(value)) return value.map((inner: Json, index) => (String(index) === key ? replaceAt(inner, rest, replacement) : inner))
  return Object.fromEntries(Object.entries(value as JsonObject).map(([name, inner]) => [name, name === key ? replaceAt(inner, rest, replacement) : inner]))
}
