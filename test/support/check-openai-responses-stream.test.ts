import { describe, expect, it } from 'vitest'
import { checkOpenaiResponsesStream } from './check-openai-responses-stream.ts'
import type { Fields } from './json-fields.ts'
import { checkOpenaiResponse } from './openai-response-rules.ts'
import { ownRecording, recordings } from './recordings.ts'

/** The text of a recording after an edit that must change something. */
function broken(name: string, edit: (text: string) => string): Buffer {
  const text = ownRecording('openai-responses', name).body.toString('utf8')
  const changed = edit(text)
  if (changed === text) throw new Error('The edit changed nothing.')
  return Buffer.from(changed)
}

const replace = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to)
const events = (edit: (events: string[]) => string[]) => (text: string) =>
  edit(text.trimEnd().split('\n\n'))
    .map((event, index) => `${event.replace(/"sequence_number":\d+/, `"sequence_number":${index}`)}\n\n`)
    .join('')
/** Without the first event of a name, numbered anew. */
const without = (name: string) =>
  events((all) =>
    all.toSpliced(
      all.findIndex((event) => event.startsWith(`event: ${name}\n`)),
      1,
    ),
  )
/** With the first event of a name twice. */
const twice = (name: string) =>
  events((all) => {
    const at = all.findIndex((event) => event.startsWith(`event: ${name}\n`))
    return all.toSpliced(at, 0, all[at] as string)
  })
/** Edits the first event of a name. */
const within = (name: string, from: string | RegExp, to: string) => (text: string) =>
  text
    .split('\n\n')
    .map((event, index, all) => (index === all.findIndex((other) => other.startsWith(`event: ${name}\n`)) ? event.replace(from, to) : event))
    .join('\n\n')

describe('checkOpenaiResponsesStream', () => {
  it.each(recordings('openai-responses').filter(({ stream, status, id }) => stream && status === 200 && !id.includes('-mid-stream')))(
    'finds nothing wrong with what the vendor sent: $id',
    (recording) => {
      expect(checkOpenaiResponsesStream(recording.body, { contentType: 'text/event-stream; charset=utf-8' })).toEqual([])
    },
  )

  it('accepts an error event, in both of its forms, or response.failed as the end of a stream when one is expected', () => {
    expect(checkOpenaiResponsesStream(ownRecording('openai-responses', 'error-mid-stream').body, { ending: 'error' })).toEqual([])
    expect(checkOpenaiResponsesStream(ownRecording('openai-responses', 'failed-mid-stream').body, { ending: 'error' })).toEqual([])
    const flat = broken('error-mid-stream', replace(/"error":\{"type":"server_error",([^}]*)\}/, '$1'))
    expect(checkOpenaiResponsesStream(flat, { ending: 'error' })).toEqual([])
  })

  it.each<[string, string, (text: string) => string, RegExp]>([
    ['a missing blank line at the end', 'text', replace(/\n\n$/, '\n'), /blank line/],
    ['data that is no JSON', 'text', replace('data: {', 'data: {{'), /no JSON object/],
    ['an event name that is not the type', 'text', replace('event: response.created', 'event: response.in_progress'), /has the type/],
    ['an unknown event', 'text', (text) => text.replaceAll('response.output_text.delta', 'response.text.delta'), /does not have/],
    ['a gap in the sequence', 'text', replace('"sequence_number":3', '"sequence_number":4'), /sequence_number 4 where 3/],
    ['a sequence that starts at 1', 'text', replace('"sequence_number":0', '"sequence_number":1'), /sequence_number 1 where 0/],
    ['no response.created', 'text', without('response.created'), /before response\.created/],
    ['response.created twice', 'text', twice('response.created'), /comes twice/],
    ['response.in_progress among the items', 'text', events((all) => all.toSpliced(4, 0, all[1] as string)), /after the first item/],
    ['another id at the end', 'text', within('response.completed', 'resp_text', 'resp_other'), /another response\.id/],
    ['another model at the end', 'text', within('response.completed', 'gpt-recorded-2026-01-01', 'other'), /another response\.model/],
    ['usage at the beginning', 'text', within('response.created', '"usage":null', '"usage":{}'), /usage already/],
    ['no terminal event', 'text', without('response.completed'), /neither response\.completed nor response\.incomplete/],
    ['two terminal events', 'text', twice('response.completed'), /after the end/],
    ['something after the end', 'text', (text) => `${text}event: x\ndata: {"type":"x","sequence_number":14}\n\n`, /after the end/],
    ['[DONE]', 'text', (text) => `${text}data: [DONE]\n\n`, /no JSON object/],
    ['an item that is not opened', 'text', without('response.output_item.added'), /for item 0, which is not open/],
    ['an item that is not closed', 'text', without('response.output_item.done'), /while item 0 is open/],
    ['an item that is closed twice', 'text', twice('response.output_item.done'), /closes item 0, which is not open/],
    ['an item inside of another', 'parallel-tools', without('response.output_item.done'), /while item 0 is open/],
    ['an output_index that starts at 1', 'text', (text) => text.replaceAll('"output_index":0', '"output_index":1'), /output_index 1 where 0/],
    ['an item without an id', 'text', within('response.output_item.added', '"id":"msg_text",', ''), /without an id/],
    ['an item that opens with content', 'text', within('response.output_item.added', '"content":[]', '"content":[{}]'), /has parts already/],
    ['an item that opens as completed', 'text', within('response.output_item.added', 'in_progress', 'completed'), /opens an item with the status/],
    ['an item that closes in progress', 'text', within('response.output_item.done', 'completed', 'in_progress'), /still in progress/],
    ['an item that closes with other content', 'text', within('response.output_item.done', 'Zürich', 'Bern'), /another content than was streamed/],
    ['an item that closes as another', 'text', within('response.output_item.done', 'msg_text', 'msg_other'), /another id/],
    ['a part that is not opened', 'text', without('response.content_part.added'), /content_index 0, which is not open/],
    ['a part that is not closed', 'text', without('response.content_part.done'), /an open part in its content/],
    ['a content_index that starts at 1', 'text', (text) => text.replaceAll('"content_index":0', '"content_index":1'), /content_index 1 where 0/],
    [
      'a part of the wrong kind',
      'refusal',
      within('response.content_part.added', '"type":"refusal","refusal":""', '"type":"reasoning_text","text":""'),
      /opens a r/,
    ],
    ['a part without annotations', 'text', within('response.content_part.added', '"annotations":[],', ''), /without a list of annotations/],
    ['a delta for another item', 'text', within('response.output_text.delta', '"item_id":"msg_text"', '"item_id":"msg_x"'), /has the item_id/],
    ['a delta that is no text', 'text', within('response.output_text.delta', '"delta":"Gr"', '"delta":1'), /no text/],
    ['a delta without logprobs', 'text', within('response.output_text.delta', ',"logprobs":[]', ''), /logprobs/],
    ['a delta that is missing', 'text', without('response.output_text.delta'), /another text than its deltas/],
    ['a text that is not the deltas', 'text', within('response.output_text.done', 'Zürich', 'Bern'), /another text than its deltas/],
    ['a text without its end', 'text', without('response.output_text.done'), /without its whole text/],
    ['a part that closes with another text', 'text', within('response.content_part.done', 'Zürich', 'Bern'), /another text than was streamed/],
    ['a refusal that is not the deltas', 'refusal', within('response.refusal.done', 'cannot', 'can'), /another refusal than its deltas/],
    ['an annotation that is missing', 'web-search', without('response.output_text.annotation.added'), /other annotations/],
    ['an annotation_index that jumps', 'web-search', replace('"annotation_index":0', '"annotation_index":1'), /annotation_index 1 where 0/],
    ['a phase of another tool', 'web-search', replace(/web_search_call\.searching/g, 'file_search_call.searching'), /is for a file_search_call/],
    ['arguments at the opening', 'tool', within('response.output_item.added', '"arguments":""', '"arguments":"{}"'), /arguments already/],
    ['arguments without their end', 'tool', without('response.function_call_arguments.done'), /without its whole text/],
    ['arguments that are not the deltas', 'tool', within('response.function_call_arguments.done', 'city', 'town'), /other arguments than its deltas/],
    ['arguments after their end', 'tool', twice('response.function_call_arguments.done'), /after the whole text/],
    ['an item that closes with other arguments', 'tool', within('response.output_item.done', 'city', 'town'), /other arguments than were streamed/],
    [
      'another name at the end of the arguments',
      'tool',
      within('response.function_call_arguments.done', '"arguments"', '"name":"x","arguments"'),
      /the name "x"/,
    ],
    ['a call without a call_id', 'tool', within('response.output_item.done', '"call_id":"call_tool_1",', ''), /without a call_id/],
    ['a call whose call_id changes', 'tool', within('response.output_item.done', 'call_tool_1', 'call_x'), /another call_id/],
    ['a call without a status', 'tool', within('response.output_item.done', '"status":"completed",', ''), /with the status/],
    ['arguments of a custom tool', 'custom-tool', (text) => text.replaceAll('custom_tool_call_input.', 'function_call_arguments.'), /is for a function_call/],
    ['another input at the end', 'custom-tool', within('response.custom_tool_call_input.done', 'hello', 'bye'), /other input than its deltas/],
    ['a summary part that is not opened', 'thinking', without('response.reasoning_summary_part.added'), /summary_index 0, which is not open/],
    ['a summary that is not the deltas', 'thinking', within('response.reasoning_summary_text.done', 'a sum:', 'a product:'), /another text than its deltas/],
    ['an item that closes with another summary', 'thinking', within('response.output_item.done', 'sum:', 'product:'), /another summary than was streamed/],
    ['reasoning content that is no list', 'thinking', within('response.output_item.done', '"summary":', '"content":"x","summary":'), /content that is no list/],
    ['an output with another item', 'parallel-tools', within('response.completed', 'fc_parallel_1', 'fc_parallel_9'), /another response\.output/],
    ['an output that lacks an item', 'tool', within('response.completed', /"output":\[.*?\],"parallel/, '"output":[],"parallel'), /another response\.output/],
    ['no usage', 'text', within('response.completed', /"usage":\{.*?\},"user"/, '"usage":null,"user"'), /no response\.usage/],
    ['a total that is no sum', 'text', replace('"total_tokens":30', '"total_tokens":31'), /usage\.total_tokens 31/],
    ['no cached tokens', 'text', replace('"cached_tokens":8', '"cached":8'), /cached_tokens/],
    ['more cached tokens than input', 'text', replace('"cached_tokens":8', '"cached_tokens":80'), /more cached tokens/],
    ['no reasoning tokens', 'text', replace('"reasoning_tokens":0', '"reasoning":0'), /reasoning_tokens/],
    ['more reasoning tokens than output', 'text', replace('"reasoning_tokens":0', '"reasoning_tokens":99'), /more reasoning tokens/],
    ['an incomplete response without a reason', 'length', within('response.incomplete', '{"reason":"max_output_tokens"}', 'null'), /no reason/],
    [
      'an incomplete response that calls itself completed',
      'length',
      within('response.incomplete', /"status":"incomplete","background"/, '"status":"completed","background"'),
      /response\.status/,
    ],
    ['an error where none is expected', 'error-mid-stream', (text) => `${text}: comment\n\n`, /neither response\.completed/],
  ])('finds %s', (_what, name, edit, violation) => {
    expect(checkOpenaiResponsesStream(broken(name, edit)).join('\n')).toMatch(violation)
  })

  it('finds a wrong content-type, an error without a message, a failure without an error, and a stream that is cut', () => {
    const { body } = ownRecording('openai-responses', 'text')
    expect(checkOpenaiResponsesStream(body, { contentType: 'application/json' }).join()).toMatch(/content-type is/)
    expect(checkOpenaiResponsesStream(body, { ending: 'error' }).join()).toMatch(/no error at its end/)
    const silent = broken('error-mid-stream', replace(/"message":"[^"]*"/, '"message":""'))
    expect(checkOpenaiResponsesStream(silent, { ending: 'error' }).join()).toMatch(/without a message/)
    const failed = broken('failed-mid-stream', replace(/"error":\{.*?\}/, '"error":null'))
    expect(checkOpenaiResponsesStream(failed, { ending: 'error' }).join()).toMatch(/no response\.error/)
    for (const ending of ['complete', 'error'] as const)
      expect(checkOpenaiResponsesStream(body.subarray(0, body.length / 2), { ending })).toContainEqual(expect.stringMatching(/at its end/))
  })
})

describe('checkOpenaiResponse', () => {
  const whole = (name: string) => JSON.parse(ownRecording('openai-responses', `${name}-unary`).body.toString()) as Fields

  it('finds nothing wrong with what the vendor answered', () => {
    const answers = recordings('openai-responses').filter(({ format, status }) => format === 'json' && status === 200)
    expect(answers.length).toBeGreaterThan(5)
    for (const { id, body } of answers) expect(checkOpenaiResponse(JSON.parse(body.toString())), id).toEqual([])
  })

  it.each(
    'id object created_at model output parallel_tool_calls tool_choice tools metadata instructions error incomplete_details temperature top_p usage status'.split(
      ' ',
    ),
  )('finds that %s is missing', (name) => {
    expect(checkOpenaiResponse({ ...whole('text'), [name]: undefined }).join()).toContain(name)
  })
})
