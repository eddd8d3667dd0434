import { describe, expect, it } from 'vitest'
import { checkGeminiResponse, checkGeminiStream, type GeminiOmission, type GeminiStreamExpectation } from './check-gemini-stream.ts'
import type { Fields } from './json-fields.ts'
import { ownRecording, type Recording, recordings } from './recordings.ts'

/** The text of a recording after an edit that must change something. */
function broken(name: string, edit: (text: string) => string): Buffer {
  const text = ownRecording('gemini', name).body.toString('utf8')
  const changed = edit(text)
  if (changed === text) throw new Error('The edit changed nothing.')
  return Buffer.from(changed)
}

const replace = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to)
const events = (edit: (events: string[]) => string[]) => (text: string) =>
  edit(text.trimEnd().split('\r\n\r\n'))
    .map((event) => `${event}\r\n\r\n`)
    .join('')
/** Edits one event, counted from the end when negative. */
const at = (index: number, from: string | RegExp, to: string) => events((all) => all.with(index, (all.at(index) as string).replace(from, to)))

/** What no chunk of a recording has: Vertex and the models before Gemini 2.5 leave things out. */
function omissionsOf({ body }: Recording): GeminiOmission[] {
  return (['modelVersion', 'responseId', 'usageMetadata'] as const).filter((name) => !body.includes(`"${name}"`))
}

/** Its last line break was lost when it was written down; by the standard of event streams its last event never came. */
const cutRecording = 'firebase-googleai/gemini/streaming-success-no-content-parts'
const streams = recordings('gemini').filter(({ stream, status, id }) => stream && status === 200 && !id.includes('-mid-stream'))

describe('checkGeminiStream', () => {
  it.each(streams.filter(({ id }) => id !== cutRecording))('finds nothing wrong with what the vendor sent: $id', (recording) => {
    const form = recording.format === 'json-array' ? 'json-array' : 'sse'
    // The vendor has usage in the last chunk of all that is recorded, and an identity in all but the oldest.
    const expected: GeminiStreamExpectation = { form, mayLack: omissionsOf(recording).filter((name) => name !== 'usageMetadata') }
    expect(checkGeminiStream(recording.body, expected)).toEqual([])
  })

  it.each(streams.filter(({ id }) => id === cutRecording))('finds that the end of a recording is missing: $id', (recording) => {
    const violations = checkGeminiStream(recording.body, { mayLack: omissionsOf(recording) })
    expect(violations).toEqual(['stream does not end with a blank line', 'stream has no finishReason for candidate 0'])
  })

  it('accepts an error as the end of a stream when one is expected, in both forms', () => {
    const { body } = ownRecording('gemini', 'error-mid-stream')
    expect(checkGeminiStream(body, { ending: 'error' })).toEqual([])
    const array = Buffer.from(`[${body.toString().trimEnd().replaceAll('\r\n\r\ndata: ', ',').replace('data: ', '')}]`)
    expect(checkGeminiStream(array, { form: 'json-array', ending: 'error', contentType: 'application/json; charset=UTF-8' })).toEqual([])
  })

  it.each<[string, string, (text: string) => string, RegExp]>([
    ['a missing blank line at the end', 'text', replace(/\r\n\r\n$/, '\r\n'), /blank line/],
    ['an event name', 'text', replace('data:', 'event: message\r\ndata:'), /event name/],
    ['data that is no JSON', 'text', replace('data: {', 'data: {{'), /no JSON object/],
    ['[DONE]', 'text', (text) => `${text}data: [DONE]\r\n\r\n`, /no JSON object/],
    ['a field of another protocol', 'text', replace('"modelVersion"', '"model_version"'), /field model_version/],
    ['another modelVersion', 'text', at(-1, 'gemini-recorded', 'gemini-other'), /another modelVersion/],
    ['no modelVersion', 'text', (text) => text.replaceAll('"modelVersion":"gemini-recorded",', ''), /no modelVersion/],
    ['another responseId', 'text', at(1, 'response-text', 'response-other'), /another responseId/],
    ['an empty chunk', 'text', at(1, /^data: .*$/, 'data: {"modelVersion":"gemini-recorded","responseId":"response-text"}'), /neither candidates nor/],
    ['candidates that are no list', 'text', at(1, '"candidates":[{', '"candidates":{"x":[{'), /no JSON object/],
    ['a candidate twice', 'text', at(0, /"candidates":\[(.*?)\],"usage/, '"candidates":[$1,$1],"usage'), /a candidate twice/],
    ['a candidate with a field of another protocol', 'text', at(0, '"index":0', '"index":0,"finish_reason":null'), /field finish_reason/],
    ['an index that is no number', 'text', at(0, '"index":0', '"index":"0"'), /the index "0"/],
    ['no content before the end', 'text', at(0, /"content":\{.*?\},"index"/, '"index"'), /without content/],
    ['another role', 'text', at(0, '"role":"model"', '"role":"assistant"'), /role "assistant"/],
    ['no parts', 'text', at(0, /"parts":\[.*?\]/, '"parts":[]'), /without parts/],
    ['a part without data', 'text', at(0, '{"text":"Gr"}', '{"thought":true}'), /part with no data/],
    ['a part with two kinds of data', 'tool', at(0, '{"functionCall"', '{"text":"x","functionCall"'), /text and functionCall/],
    ['a part with a field of another protocol', 'text', at(0, '{"text":"Gr"}', '{"text":"Gr","type":"text"}'), /field type/],
    ['text that is no text', 'text', at(0, '"text":"Gr"', '"text":1'), /text that is no text/],
    ['a thought that is no truth value', 'thinking', at(0, '"thought":true', '"thought":"true"'), /neither true nor false/],
    ['a signature that is no base64', 'tool', at(0, '"thoughtSignature":"', '"thoughtSignature":"{'), /no base64/],
    ['arguments as text', 'tool', at(0, /"args":\{.*?\}/, '"args":"{}"'), /args are no object/],
    ['a call without a name', 'tool', at(0, '"name":"get_weather",', ''), /without a name/],
    ['a call with an empty id', 'parallel-tools', at(-1, '"id":"fn_1"', '"id":""'), /empty id/],
    ['a call with a field of another protocol', 'tool', at(0, '"args"', '"arguments"'), /field arguments/],
    ['a functionResponse', 'tool', at(0, /"functionCall":\{.*?\}\}/, '"functionResponse":{"name":"x","response":{}}'), /only the caller writes/],
    ['code without a language', 'code-execution', at(1, '"language":"PYTHON",', ''), /without language and code/],
    ['a result without an outcome', 'code-execution', at(2, 'OUTCOME_OK', 'OK'), /without an outcome/],
    ['an unknown finishReason', 'text', at(-1, '"STOP"', '"stop"'), /finishReason "stop"/],
    ['a finishReason that is null', 'text', at(0, '"index":0', '"finishReason":null,"index":0'), /finishReason null/],
    ['a finishReason before the end', 'text', at(1, '"index":0', '"finishReason":"STOP","index":0'), /after its finishReason/],
    ['no finishReason', 'text', at(-1, '"finishReason":"STOP",', ''), /no finishReason for candidate 0/],
    ['an end that is missing', 'text', events((all) => all.slice(0, -1)), /no finishReason for candidate 0/],
    ['no usage at the end', 'text', at(-1, /"usageMetadata":\{.*?\]\},/, ''), /no usageMetadata/],
    [
      'usage without counts at the end',
      'text',
      at(-1, /"usageMetadata":\{.*?\]\}/, '"usageMetadata":{"trafficType":"ON_DEMAND"}'),
      /no usageMetadata\.promptTokenCount/,
    ],
    ['a total that is no sum', 'thinking', at(-1, '"totalTokenCount":55', '"totalTokenCount":25'), /totalTokenCount 25 for a sum of 55/],
    ['a total without the prompt of tools', 'code-execution', at(-1, '"totalTokenCount":138', '"totalTokenCount":68'), /for a sum of 138/],
    ['a count that is no whole number', 'text', at(0, '"candidatesTokenCount":1', '"candidatesTokenCount":"1"'), /no whole number/],
    ['more cached tokens than prompt tokens', 'text', at(0, '"cachedContentTokenCount":8', '"cachedContentTokenCount":80'), /more cached tokens/],
    ['an unknown blockReason', 'prompt-blocked', replace('PROHIBITED_CONTENT', 'BAD'), /blockReason "BAD"/],
    [
      'a candidate for a blocked prompt',
      'text',
      at(0, '"modelVersion"', '"promptFeedback":{"blockReason":"SAFETY"},"modelVersion"'),
      /prompt that was blocked/,
    ],
    ['an error where none is expected', 'error-mid-stream', (text) => `${text}: comment\r\n\r\n`, /has an error/],
    ['something after an error', 'error-mid-stream', events((all) => [...all, all[0] as string]), /comes after an error/],
    ['an array where events are expected', 'text-array', (text) => `${text}\n\n`, /no candidate/],
  ])('finds %s', (_what, name, edit, violation) => {
    expect(checkGeminiStream(broken(name, edit)).join('\n')).toMatch(violation)
  })

  it('finds events where an array is expected, an array that is cut, and wrong content-types', () => {
    const { body } = ownRecording('gemini', 'text')
    const array = ownRecording('gemini', 'text-array').body
    expect(checkGeminiStream(body, { form: 'json-array' }).join()).toMatch(/no array of JSON/)
    for (const ending of ['complete', 'error'] as const)
      expect(checkGeminiStream(array.subarray(0, -2), { form: 'json-array', ending }).join()).toMatch(/no array of JSON/)
    expect(checkGeminiStream(body, { contentType: 'application/json' }).join()).toMatch(/content-type is/)
    expect(checkGeminiStream(array, { form: 'json-array', contentType: 'text/event-stream' }).join()).toMatch(/content-type is/)
    expect(checkGeminiStream(body, { ending: 'error' }).join()).toMatch(/no error at its end/)
    const failed = (from: RegExp, to: string) => checkGeminiStream(broken('error-mid-stream', replace(from, to)), { ending: 'error' }).join()
    expect(failed(/"message":"[^"]*"/, '"message":""')).toMatch(/without a message/)
    expect(failed(/"code":503/, '"code":"503"')).toMatch(/the code "503"/)
    expect(failed(/"UNAVAILABLE"/, '"unavailable"')).toMatch(/the status "unavailable"/)
  })

  it('keeps the candidates of one reply apart', () => {
    const doubled = events((all) =>
      all.map((event) =>
        event.replace(/"candidates":\[(.*?)\],"usage/, (_, one: string) => `"candidates":[${one},${one.replace('"index":0', '"index":1')}],"usage`),
      ),
    )
    expect(checkGeminiStream(broken('text', doubled))).toEqual([])
    const half = broken('text', (text) => doubled(text).replace('"finishReason":"STOP","index":1', '"index":1'))
    expect(checkGeminiStream(half).join()).toMatch(/no finishReason for candidate 1/)
  })
})

describe('checkGeminiResponse', () => {
  const whole = JSON.parse(ownRecording('gemini', 'text-unary').body.toString()) as Fields

  it('finds nothing wrong with what the vendor answered', () => {
    const answers = recordings('gemini').filter(
      ({ format, status, requestPath }) => format === 'json' && status === 200 && !requestPath?.includes('enum-encoding'),
    )
    expect(answers.length).toBeGreaterThan(5)
    for (const answer of answers) expect(checkGeminiResponse(JSON.parse(answer.body.toString()), { mayLack: omissionsOf(answer) }), answer.id).toEqual([])
  })

  it.each('candidates modelVersion responseId usageMetadata'.split(' '))('finds that %s is missing', (name) => {
    expect(checkGeminiResponse({ ...whole, [name]: undefined }).join()).toMatch(name === 'candidates' ? /no candidate/ : name)
  })
})
