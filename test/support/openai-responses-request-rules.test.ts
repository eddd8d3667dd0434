import { describe, expect, it } from 'vitest'
import type { Fields } from './json-fields.ts'
import { refuseResponsesRequest } from './openai-responses-request-rules.ts'
import { ownRecordings, type Recording, recordings } from './recordings.ts'
import { smallestRequest } from './sdk-readings.ts'

const user = { role: 'user', content: 'Hi' }
const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' })
const output = (id: string, value: unknown = 'x') => ({ type: 'function_call_output', call_id: id, output: value })
const custom = (id: string) => ({ type: 'custom_tool_call', call_id: id, name: 'patch', input: '*** Begin' })
const customOutput = (id: string) => ({ type: 'custom_tool_call_output', call_id: id, output: 'x' })
const thought = { type: 'reasoning', summary: [], encrypted_content: 'gAAAA' }
const open = { type: 'object', properties: { city: { type: 'string' } } }
const strict = { ...open, required: ['city'], additionalProperties: false }
const tool = { type: 'function', name: 'f', parameters: open, strict: false }
const tools = [tool, { type: 'custom', name: 'patch' }]
const says = (...content: unknown[]) => ({ role: 'assistant', content })
const asks = (...content: unknown[]) => ({ role: 'user', content })
const text = { type: 'input_text', text: 'Hi' }
const responses = (input: unknown, more: object = {}) => refuseResponsesRequest({ model: 'm', input, ...more })
const withTool = (more: Fields) => ({ tools: [{ ...tool, ...more }] })
const withStrict = (parameters: Fields) => withTool({ strict: true, parameters })
const withFormat = (format: Fields) => ({ text: { format } })

describe('refuseResponsesRequest', () => {
  it('accepts what the vendor accepted', () => {
    const accepted = ({ request, status }: Recording) => request !== undefined && status === 200
    const all = [...recordings('openai-responses'), ...ownRecordings('openai-responses')].filter(accepted)
    expect(all.length).toBeGreaterThan(10)
    for (const { id, request } of all) expect(refuseResponsesRequest(request), id).toBeUndefined()
    expect(refuseResponsesRequest(smallestRequest('openai-responses'))).toBeUndefined()
  })

  it('accepts a round of calls that are answered in another order, with text between, and reasoning before them', () => {
    const round = [user, thought, call('a'), call('b'), says({ type: 'output_text', text: 'so' }), output('b'), output('a', [text]), user]
    expect(responses(round, { tools, tool_choice: 'auto', parallel_tool_calls: false })).toBeUndefined()
    expect(responses([user, custom('c'), customOutput('c')], { tools })).toBeUndefined()
  })

  it('accepts what the vendor keeps as the other half of a pair', () => {
    expect(responses([output('a')], { previous_response_id: 'resp_1' })).toBeUndefined()
    expect(responses(undefined, { previous_response_id: 'resp_1' })).toBeUndefined()
    expect(responses([{ ...thought, id: 'rs_1', encrypted_content: null }, says({ type: 'output_text', text: 'x' })])).toBeUndefined()
  })

  it("accepts what the vendor's own agent sends: tools by name space, in the input, and searches", () => {
    const space = { type: 'namespace', name: 'agents', description: 'x', tools: [tool] }
    const agent = { tools: [space, { type: 'web_search', external_web_access: true }, { type: 'tool_search', execution: 'client' }], tool_choice: 'auto' }
    expect(responses([{ role: 'developer', content: 'x' }, user], { ...agent, client_metadata: { turn_id: '1' }, store: false })).toBeUndefined()
    expect(responses([{ type: 'additional_tools', role: 'developer', tools: [space] }, user], { tool_choice: { type: 'function', name: 'f' } })).toBeUndefined()
    expect(responses([user, { ...thought, id: 'rs_1', content: null }, { ...call('a'), id: 'fc_1' }, { ...output('a'), id: 'fco_1' }])).toBeUndefined()
    expect(responses([user, { type: 'compaction_trigger' }])).toBeUndefined()
  })

  it('accepts strict schemas, every form of choice and every form of a format', () => {
    const nested = { ...strict, properties: { city: { anyOf: [{ ...strict }, { type: 'null' }] } } }
    expect(responses('Hi', withStrict(nested))).toBeUndefined()
    for (const choice of ['none', 'auto', 'required', { type: 'function', name: 'f' }, { type: 'custom', name: 'patch' }])
      expect(responses('Hi', { tools, tool_choice: choice })).toBeUndefined()
    expect(responses('Hi', { tools, tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] } })).toBeUndefined()
    for (const format of [{ type: 'text' }, { type: 'json_schema', name: 'x', schema: open }, { type: 'json_schema', name: 'x', strict: true, schema: strict }])
      expect(responses('Hi', withFormat(format))).toBeUndefined()
    expect(responses('Answer with JSON.', withFormat({ type: 'json_object' }))).toBeUndefined()
  })

  it.each<[unknown, object, RegExp]>([
    ['Hi', { model: undefined }, /parameter: 'model'/],
    [undefined, {}, /must be provided/],
    [[], {}, /must be provided/],
    [7, {}, /type for 'input'/],
    ['Hi', { messages: [] }, /'messages'.*moved to 'input'/],
    ['Hi', { max_tokens: 1 }, /'max_tokens'.*moved to 'max_output_tokens'/],
    ['Hi', { response_format: {} }, /moved to 'text\.format'/],
    ['Hi', { reasoning_effort: 'low' }, /moved to 'reasoning\.effort'/],
    ...['stop', 'n', 'seed', 'logit_bias', 'max_completion', 'system'].map((name): [unknown, object, RegExp] => [
      'Hi',
      { [name]: 1 },
      new RegExp(`Unknown parameter: '${name}'`),
    ]),
    ['Hi', { instructions: [] }, /type for 'instructions'/],
    ['Hi', { stream: true, stream_options: { include_usage: true } }, /'stream_options\.include_usage'/],
    ['Hi', { stream_options: { include_obfuscation: false } }, /only allowed when 'stream'/],
    [[{ type: 'text', text: 'x' }], {}, /Invalid value: 'text'/],
    [['x'], {}, /type for 'input\[0\]'/],
    [[{ ...user, cache_control: {} }], {}, /Unknown parameter: 'input\[0\]\.cache_control'/],
    [[{ role: 'tool', content: 'x' }], {}, /Invalid value: 'tool'/],
    [[{ role: 'user' }], {}, /parameter: 'input\[0\]\.content'/],
    [[asks({ type: 'text', text: 'x' })], {}, /Invalid value: 'text'.*'input_text'/],
    [[asks({ type: 'output_text', text: 'x' })], {}, /Invalid value: 'output_text'/],
    [[says(text)], {}, /Invalid value: 'input_text'\. Supported values are: 'output_text', 'refusal'/],
    [[asks({ type: 'input_text' })], {}, /content\[0\]\.text/],
    [[asks({ type: 'image_url', image_url: { url: 'https://x' } })], {}, /Invalid value: 'image_url'/],
    [[asks({ type: 'input_image', image_url: { url: 'https://x' } })], {}, /got an object instead/],
    [[asks({ type: 'input_image', image_url: 'AAAA' })], {}, /valid URL/],
    [[asks({ type: 'input_image', image_url: 'data:image/png;base64,' })], {}, /valid URL/],
    [[asks({ type: 'input_image' })], {}, /image_url/],
    [[asks({ type: 'input_image', file_id: 'f', detail: 'medium' })], {}, /detail/],
    [[asks({ type: 'input_file' })], {}, /exactly one/],
    [[asks({ type: 'input_file', file_id: 'f', file_url: 'https://x' })], {}, /exactly one/],
    [[asks({ type: 'input_file', file_data: 'AAAA', filename: 'x' })], {}, /data URL/],
    [[asks({ type: 'input_file', file_data: 'data:application/pdf;base64,AA==' })], {}, /filename/],
    [[{ ...user, id: 'item_1' }], {}, /begins with 'msg'/],
    [[user, { ...call('a'), id: 'call_a' }, output('a')], {}, /begins with 'fc'/],
    [[user, { ...call('a'), id: 'fc:1' }, output('a')], {}, /additional characters/],
    [[user, call('x'.repeat(65)), output('x'.repeat(65))], {}, /call_id': string too long/],
    [[user, call(''), output('')], {}, /call_id': empty string/],
    [[user, { ...call('a'), id: 'fc_1' }, output('a'), { ...call('b'), id: 'fc_1' }, output('b')], {}, /Duplicate item found with id fc_1/],
    [[user, { ...call('a'), arguments: {} }, output('a')], {}, /arguments': expected a string/],
    [[user, { ...call('a'), name: 'a b' }, output('a')], {}, /name': string does not match/],
    [[user, { ...call('a'), tool_call_id: 'a' }, output('a')], {}, /Unknown parameter/],
    [[user, { type: 'function_call', name: 'f', arguments: '' }], {}, /input\[1\]\.call_id/],
    [[user, call('a'), { type: 'function_call_output', call_id: 'a' }], {}, /input\[2\]\.output/],
    [[user, call('a'), output('a', { x: 1 })], {}, /output': expected one of/],
    [[user, call('a'), output('a', [{ type: 'output_text', text: 'x' }])], {}, /Invalid value: 'output_text'/],
    [[user, call('a')], {}, /No tool output found for function call a/],
    [[user, output('a')], {}, /No tool call found for function call output with call_id a/],
    [[user, output('a'), call('a')], {}, /No tool call found for function call output/],
    [[user, call('a'), customOutput('a')], {}, /No tool output found for function call a/],
    [[user, call('a'), output('a'), output('a')], {}, /Duplicate output/],
    [[user, call('a'), call('a'), output('a')], {}, /Duplicate function call/],
    [[user, custom('a')], {}, /No tool output found for custom tool call a/],
    [[user, customOutput('a')], {}, /No tool call found for custom tool call output/],
    [[user, { type: 'reasoning', encrypted_content: 'x' }, says()], {}, /summary/],
    [[user, { ...thought, encrypted_content: null }, says()], {}, /input\[1\]\.id/],
    [[user, { ...thought, id: 'rs_1', encrypted_content: null }, says()], { store: false }, /not found\. Items are not persisted/],
    [[user, { ...thought, id: 'rs_1' }], {}, /without its required following item/],
    [[user, { ...thought, id: 'rs_1' }, user], {}, /without its required following item/],
    [[user, { ...thought, signature: 'x' }, says()], {}, /Unknown parameter: 'input\[1\]\.signature'/],
    [[{ type: 'item_reference', id: 'msg_1' }], { store: false }, /Items are not persisted/],
    ['Hi', { tools: {} }, /type for 'tools'/],
    ['Hi', { tools: [{ type: 'function', function: { name: 'f' } }] }, /'tools\[0\]\.name'/],
    ['Hi', { tools: [{ name: 'f', input_schema: {} }] }, /'tools\[0\]\.type'/],
    ['Hi', { tools: [{ type: 'retrieval' }] }, /Invalid value: 'retrieval'/],
    ['Hi', withTool({ name: 'a.b' }), /does not match pattern/],
    ['Hi', withTool({ name: 'x'.repeat(65) }), /does not match pattern/],
    ['Hi', withTool({ cache_control: {} }), /Unknown parameter: 'tools\[0\]\.cache_control'/],
    ['Hi', withTool({ parameters: {} }), /type: "object"/],
    ['Hi', withTool({ parameters: { type: 'object', anyOf: [] } }), /at the top level/],
    ['Hi', withTool({ parameters: { type: 'object', properties: { a: { type: 'array' } } } }), /missing items/],
    ['Hi', withStrict(open), /In context=\(\), 'additionalProperties' is required/],
    ['Hi', withStrict({ ...strict, required: [] }), /Missing 'city'/],
    ['Hi', withStrict({ ...strict, required: ['city', 'x'] }), /Extra required key 'x'/],
    ['Hi', withStrict({ ...strict, properties: { city: open } }), /In context=\('properties', 'city'\), 'additionalProperties'/],
    ['Hi', withStrict({ ...strict, properties: { city: { oneOf: [] } } }), /'oneOf' is not permitted/],
    ['Hi', { tools: [{ type: 'custom', name: 'c', format: { type: 'grammar', syntax: 'peg', definition: '' } }] }, /format\.syntax/],
    ['Hi', { tools: [{ type: 'custom', name: 'c', parameters: {} }] }, /Unknown parameter/],
    ['Hi', { tools: [{ type: 'namespace', name: 'n', tools: [] }] }, /tools\[0\]\.tools/],
    ['Hi', { tools: [{ type: 'mcp' }] }, /server_label/],
    ['Hi', { tool_choice: 'required' }, /must be specified with 'tools'/],
    ['Hi', { tools, tool_choice: 'any' }, /Invalid value: 'any'/],
    ['Hi', { tools, tool_choice: { type: 'function', function: { name: 'f' } } }, /'tool_choice\.name'/],
    ['Hi', { tools, tool_choice: { type: 'function', name: 'g' } }, /'g' not found in 'tools'/],
    ['Hi', { tools, tool_choice: { type: 'custom', name: 'f' } }, /'f' not found in 'tools'/],
    ['Hi', { tools, tool_choice: { type: 'web_search' } }, /'web_search' not found/],
    ['Hi', { tools, tool_choice: { type: 'tool', name: 'f' } }, /tool_choice\.type/],
    ['Hi', { tools, tool_choice: { type: 'allowed_tools', mode: 'any', tools: [tool] } }, /tool_choice\.mode/],
    ['Hi', { tools, tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'g' }] } }, /'g' not found/],
    ['Hi', withFormat({ type: 'json_schema', json_schema: { name: 'x', schema: {} } }), /'text\.format\.name'/],
    ['Hi', withFormat({ type: 'json_schema', name: 'x' }), /'text\.format\.schema'/],
    ['Hi', withFormat({ type: 'json_schema', name: 'a b', schema: open }), /does not match pattern/],
    ['Hi', withFormat({ type: 'json_schema', name: 'x', schema: open, strict: true }), /'additionalProperties' is required/],
    ['Hi', withFormat({ type: 'json_object' }), /contain the word 'json'/],
    ['Hi', withFormat({ type: 'grammar' }), /text\.format\.type/],
    ['Hi', { text: { verbosity: 'loud' } }, /text\.verbosity/],
    ['Hi', { text: { type: 'text' } }, /Unknown parameter: 'text\.type'/],
    ['Hi', { reasoning: { effort: 'huge' } }, /reasoning\.effort/],
    ['Hi', { reasoning: { summary: 'long' } }, /reasoning\.summary/],
    ['Hi', { reasoning: { budget_tokens: 1 } }, /'reasoning\.budget_tokens'/],
    ['Hi', { include: ['usage'] }, /Invalid value: 'usage'/],
    ['Hi', { temperature: 3 }, /temperature/],
    ['Hi', { top_p: 2 }, /top_p/],
    ['Hi', { top_logprobs: 21 }, /top_logprobs/],
    ['Hi', { max_output_tokens: 15 }, />= 16/],
    ['Hi', { store: 'no' }, /type for 'store'/],
    ['Hi', { store: false, background: true }, /Background mode/],
    ['Hi', { truncation: 'middle' }, /truncation/],
    ['Hi', { service_tier: 'standard_only' }, /service_tier/],
    ['Hi', { prompt_cache_key: 'x'.repeat(65) }, /prompt_cache_key/],
    ['Hi', { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'x'])) }, /at most 16/],
    ['Hi', { metadata: { k: 1 } }, /'metadata\.k'/],
    ['Hi', { metadata: { k: 'x'.repeat(513) } }, /maximum length 512/],
    ['Hi', { metadata: { ['k'.repeat(65)]: 'x' } }, /64 characters/],
  ])('refuses %j with %j', (input, more, reason) => {
    expect(responses(input, more)).toMatch(reason)
  })
})
