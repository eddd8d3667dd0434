import fc from 'fast-check'
import type { Json, JsonObject } from 'tokligence'

const word = fc.stringMatching(/^[a-z]{1,8}$/)
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constant('\n\n'))
const json = fc.oneof(fc.dictionary(word, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 }), fc.constant({}))
const nothing = fc.constantFrom<Json>(null, [])

/** Members that the vendor may add any day, and ones that say nothing. */
const extras: fc.Arbitrary<JsonObject> = fc
  .record({ novel: fc.option(json, { nil: undefined }), hollow: fc.option(nothing, { nil: undefined }) })
  .map(({ novel, hollow }) => ({ ...(novel && { x_novel: novel }), ...(hollow !== undefined && { x_hollow: hollow }) }))

function sometimes(fields: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<JsonObject> {
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>
}

function joined(...pieces: readonly fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> {
  return fc.tuple(...pieces).map((all) => Object.assign({}, ...all) as JsonObject)
}

const status = fc.constantFrom('completed', 'incomplete')

const annotation: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ url: fc.webUrl(), title: text, start_index: fc.nat(5), end_index: fc.nat(9) }).map((cited): JsonObject => ({ type: 'url_citation', ...cited })),
  fc.record({ file_id: word, filename: word, index: fc.nat(3) }).map((cited): JsonObject => ({ type: 'file_citation', ...cited })),
  fc.constant<JsonObject>({ type: 'novel_citation', x: 1 }),
)

const logprob = fc.record({ token: text, logprob: fc.constant(-0.25) }).map(
  ({ token, logprob }): JsonObject => ({
    token,
    bytes: [...Buffer.from(token)],
    logprob,
    top_logprobs: [{ token, bytes: [1], logprob }],
  }),
)

const textPart = joined(
  fc.record({ type: fc.constant('output_text'), text }),
  sometimes({ annotations: fc.array(annotation, { maxLength: 2 }), logprobs: fc.array(logprob, { maxLength: 2 }) }),
  extras,
)
const part = fc.oneof(
  { weight: 4, arbitrary: textPart },
  { weight: 1, arbitrary: joined(fc.record({ type: fc.constant('refusal'), refusal: text }), extras) },
  { weight: 1, arbitrary: fc.constant<JsonObject>({ type: 'novel_part', x: 'y' }) },
)

const message = joined(
  fc.record({ type: fc.constant('message'), role: fc.constant('assistant'), status }),
  fc.record({ content: fc.array(part, { maxLength: 3 }) }) as fc.Arbitrary<JsonObject>,
  sometimes({ phase: fc.constantFrom('commentary', 'final_answer', null) }),
  extras,
)

const thoughts = (type: string) => fc.array(fc.record({ type: fc.constant(type), text }) as fc.Arbitrary<JsonObject>, { maxLength: 3 })

const reasoning = joined(
  fc.constant<JsonObject>({ type: 'reasoning' }),
  // Open models show their thoughts, the vendor's a summary of them.
  fc.oneof(
    joined(fc.record({ summary: thoughts('summary_text') }) as fc.Arbitrary<JsonObject>, sometimes({ content: nothing })),
    fc.record({ summary: fc.constant([]), content: thoughts('reasoning_text') }) as fc.Arbitrary<JsonObject>,
  ),
  sometimes({ encrypted_content: fc.option(word), status }),
  extras,
)

const call = joined(
  fc.record({
    type: fc.constant('function_call'),
    call_id: word,
    name: word,
    arguments: fc.oneof(
      json.map((value) => JSON.stringify(value)),
      text,
    ),
    status,
  }),
  sometimes({ namespace: word, caller: fc.constantFrom(null, { type: 'direct' }) }),
  extras,
)
const customCall = joined(
  fc.record({ type: fc.constant('custom_tool_call'), call_id: word, name: word, input: text }),
  sometimes({ namespace: word, status }),
  extras,
)
const search = joined(
  fc.record({ type: fc.constant('tool_search_call'), status, arguments: json }) as fc.Arbitrary<JsonObject>,
  fc.constantFrom<JsonObject>({ execution: 'client', call_id: 'call_1' }, { execution: 'server', call_id: null }),
)
const hosted = fc.constantFrom<JsonObject>(
  { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'weather', sources: [{ type: 'url', url: 'https://weather.example/' }] } },
  { type: 'web_search_call', status: 'completed', action: { type: 'open_page', url: null } },
  {
    type: 'code_interpreter_call',
    status: 'completed',
    code: 'print(1)',
    container_id: 'c',
    outputs: [
      { type: 'logs', logs: '1' },
      { type: 'image', url: 'https://x.example/' },
    ],
  },
  { type: 'code_interpreter_call', status: 'failed', code: null, container_id: 'c', outputs: null },
  { type: 'mcp_call', status: 'completed', server_label: 's', name: 'n', arguments: '{}', output: 'done', error: null },
  { type: 'mcp_call', status: 'failed', server_label: 's', name: 'n', arguments: '{}', output: null, error: 'no' },
  { type: 'mcp_list_tools', server_label: 's', tools: [] },
  { type: 'image_generation_call', status: 'completed', result: 'AAAA' },
  { type: 'compaction', encrypted_content: 'AAAA' },
  { type: 'novel_call', anything: { at: 'all' } },
)

const item = fc.oneof({ weight: 3, arbitrary: message }, { weight: 2, arbitrary: reasoning }, call, customCall, search, hosted)

const described = sometimes({
  error: fc.constant(null),
  completed_at: fc.option(fc.nat()),
  instructions: fc.option(text),
  tools: fc.array(fc.constant<JsonObject>({ type: 'function', name: 'look', parameters: {} }), { maxLength: 1 }),
  metadata: json,
  service_tier: fc.constantFrom('auto', 'default', null),
  temperature: fc.option(fc.constant(0.5)),
  moderation: fc.option(json),
  reasoning: fc.constantFrom(null, { effort: 'low', summary: null }),
  usage: fc.record({ input: fc.nat(500), cached: fc.nat(100), output: fc.nat(500), reasoning: fc.nat(100) }).map(
    ({ input, cached, output, reasoning }): JsonObject => ({
      input_tokens: input + cached,
      input_tokens_details: { cached_tokens: cached },
      output_tokens: output + reasoning,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + cached + output + reasoning,
    }),
  ),
})

const ending = fc.constantFrom<JsonObject>(
  { status: 'completed', incomplete_details: null },
  { status: 'completed' },
  { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
)

/** Responses of the vendor with all kinds of items. */
export const arbitraryResponse: fc.Arbitrary<JsonObject> = fc.record({ items: fc.array(item, { maxLength: 4 }), described, ending, extras }).map(
  ({ items, described, ending, extras }): JsonObject => ({
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    model: 'gpt-test',
    ...described,
    ...ending,
    ...extras,
    output: items.map((item, index) => ({ id: `it_${index}`, ...item })),
  }),
)
