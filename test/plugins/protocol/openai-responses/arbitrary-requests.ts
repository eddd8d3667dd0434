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

const type = (word: string) => fc.constant(word)
const image = fc.constantFrom('https://a.example/b', 'data:image/png;base64,AA==', 'data:image/svg+xml,<svg/>')
const data = fc.constantFrom('AA==', 'JVBERi0=', 'data:application/pdf;base64,AA==', 'data:;base64,AA==', 'https://a.example')

const part = fc.oneof(
  fields({ type: fc.constantFrom('input_text', 'output_text', 'text'), text }, { prompt_cache_breakpoint: anything }),
  fields({ type: type('refusal'), refusal: text }, {}),
  fields({ type: type('input_image'), image_url: image }, { detail: text, file_id: text }),
  fields({ type: type('input_image'), file_id: text }, { detail: text }),
  fields({ type: type('input_file'), file_data: data }, { filename: text, file_url: text, file_id: text, detail: text }),
  fields({ type: type('input_file'), file_url: text }, { filename: text, file_data: fc.constant(null) }),
  fields({ type: type('input_file'), file_id: text }, { filename: text }),
  fields({ type: type('input_audio'), input_audio: fields({ data: text, format: fc.constantFrom('wav', 'mp3', 'mpeg', 'flac') }, {}) }, {}),
  fields({ type: type('computer_screenshot') }, {}),
)

const content = fc.oneof(text, fc.array(part, { maxLength: 3 }))
const outputPart = fc.oneof(
  fields({ type: type('output_text'), text }, { annotations: fc.array(anything, { maxLength: 2 }), logprobs: fc.array(anything, { maxLength: 2 }) }),
  fields({ type: type('refusal'), refusal: text }, {}),
)
const envelope = { id: text, status: text }

const functionTool = fields(
  { type: type('function'), name: text },
  { description: text, parameters: schema, strict: fc.boolean(), defer_loading: fc.boolean() },
)
const customTool = fields({ type: type('custom'), name: text }, { description: text, format: anything })
const single = fc.oneof(
  functionTool,
  customTool,
  fields({ type: type('tool_search'), execution: type('client') }, { description: text, parameters: schema }),
  fields({ type: type('tool_search') }, { execution: type('server') }),
  fields({ type: fc.constantFrom('web_search', 'web_search_preview_2025_03_11') }, { filters: anything, user_location: anything, search_context_size: text }),
  fields({ type: type('mcp'), server_label: text }, { server_url: text, allowed_tools: fc.oneof(anything, fc.array(text)), authorization: text }),
  fields({ type: fc.constantFrom('code_interpreter', 'shell', 'image_generation') }, {}),
)
const tools = fc.array(
  fc.oneof({ weight: 3, arbitrary: single }, fields({ type: type('namespace'), name: text }, { description: text, tools: fc.array(single, { maxLength: 3 }) })),
  { maxLength: 4 },
)

const item = fc.oneof(
  fields({ role: fc.constantFrom('system', 'developer', 'user'), content }, { type: type('message'), ...envelope }),
  fields({ role: type('assistant'), content: fc.oneof(text, fc.array(outputPart, { maxLength: 3 })) }, { ...envelope, phase: text }),
  fields({ type: type('message'), role: type('assistant'), content: fc.array(outputPart, { maxLength: 3 }) }, envelope),
  fields(
    { type: type('reasoning'), summary: fc.array(fields({ type: type('summary_text'), text }, {}), { maxLength: 2 }) },
    { ...envelope, encrypted_content: text },
  ),
  fields({ type: type('function_call'), call_id: text, name: text, arguments: text }, { ...envelope, namespace: text, caller: anything }),
  fields({ type: type('custom_tool_call'), call_id: text, name: text, input: text }, envelope),
  fields({ type: type('tool_search_call') }, { ...envelope, call_id: text, execution: fc.constantFrom('client', 'server'), arguments: anything }),
  fields({ type: fc.constantFrom('function_call_output', 'custom_tool_call_output'), call_id: text }, { ...envelope, output: content, caller: anything }),
  fields({ type: type('tool_search_output'), tools }, { ...envelope, call_id: text, execution: fc.constantFrom('client', 'server') }),
  fields({ type: type('additional_tools'), tools }, { ...envelope, role: type('developer') }),
  fields(
    {
      type: fc.constantFrom(
        'web_search_call',
        'code_interpreter_call',
        'mcp_call',
        'shell_call',
        'shell_call_output',
        'compaction',
        'compaction_trigger',
        'item_reference',
        'mcp_approval_response',
        'program_output',
        'something_new',
      ),
    },
    { ...envelope, arguments: text, output: text, action: anything },
  ),
  fc.record({ id: text }),
)

/** Bodies that the protocol allows, with members that nobody knows, and with members that say nothing. */
export const validRequest: fc.Arbitrary<JsonObject> = fields(
  { model: text },
  {
    input: fc.oneof(text, fc.array(item, { maxLength: 6 })),
    instructions: text,
    stream: fc.boolean(),
    tools,
    tool_choice: fc.oneof(
      fc.constantFrom('auto', 'none', 'required', 'any'),
      fields({ type: fc.constantFrom('function', 'custom', 'mcp') }, { name: text, namespace: text }),
      fields({ type: type('allowed_tools'), mode: fc.constantFrom('auto', 'required') }, { tools: fc.array(single, { maxLength: 2 }) }),
    ),
    parallel_tool_calls: fc.boolean(),
    max_output_tokens: fc.nat(),
    temperature: fc.constantFrom(0, 0.5, 2),
    top_p: fc.constantFrom(0, 1),
    include: fc.array(fc.constantFrom('message.output_text.logprobs', 'reasoning.encrypted_content', 'x'), { maxLength: 3 }),
    top_logprobs: fc.nat(5),
    reasoning: fields({}, { effort: fc.constantFrom('none', 'low', 'max'), summary: text, context: text, mode: text }),
    text: fields(
      {},
      {
        verbosity: text,
        format: fc.oneof(
          fields({ type: fc.constantFrom('text', 'json_object', 'grammar') }, {}),
          fields({ type: type('json_schema'), schema }, { name: text, strict: fc.boolean(), description: text }),
        ),
      },
    ),
    metadata: fc.dictionary(text, anything, { maxKeys: 2 }),
    service_tier: text,
    user: text,
    safety_identifier: text,
    store: fc.boolean(),
    previous_response_id: text,
    prompt: anything,
    truncation: text,
  },
  // As a body comes off the wire: JSON has no -0 and no undefined.
).map((body) => JSON.parse(JSON.stringify(body)) as JsonObject)
