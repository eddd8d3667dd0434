import { describe, expect, it } from 'vitest'
import { checkOpenaiChatStream } from './check-openai-chat-stream.ts'
import { isObject } from './json-fields.ts'
import { ownRecording, ownRecordings, type Recording, recordings } from './recordings.ts'

const expected = { includeUsage: true }

function includeUsage({ request }: Recording): boolean {
  return isObject(request?.stream_options) && request.stream_options.include_usage === true
}

/** The text of a recording after an edit that must change something. */
function broken(name: string, edit: (text: string) => string): Buffer {
  const text = ownRecording('openai-chat', name).body.toString('utf8')
  const changed = edit(text)
  if (changed === text) throw new Error('The edit changed nothing.')
  return Buffer.from(changed)
}

const replace = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to)
const events = (edit: (events: string[]) => string[]) => (text: string) =>
  edit(text.trimEnd().split('\n\n'))
    .map((event) => `${event}\n\n`)
    .join('')

describe('checkOpenaiChatStream', () => {
  it.each(recordings('openai-chat').filter(({ stream, status, id }) => stream && status === 200 && !id.includes('error-mid-stream')))(
    'finds nothing wrong with what the vendor sent: $id',
    (recording) => {
      expect(checkOpenaiChatStream(recording.body, { includeUsage: includeUsage(recording), contentType: 'text/event-stream; charset=utf-8' })).toEqual([])
    },
  )

  it('accepts an error as the end of a stream when one is expected', () => {
    expect(checkOpenaiChatStream(ownRecording('openai-chat', 'error-mid-stream').body, { includeUsage: true, ending: 'error' })).toEqual([])
  })

  const first = '"delta":{"role":"assistant","content":"","refusal":null}'
  it.each<[string, string, (text: string) => string, RegExp]>([
    ['a missing blank line at the end', 'text', replace(/\n\n$/, '\n'), /blank line/],
    ['an event name', 'text', replace('data:', 'event: message\ndata:'), /event name/],
    ['data that is no JSON', 'text', replace('data: {', 'data: {{'), /no JSON object/],
    ['another object', 'text', replace('chat.completion.chunk', 'chat.completion'), /object/],
    ['a missing id', 'text', (text) => text.replaceAll('"id":"chatcmpl-text"', '"id":""'), /no id/],
    ['an id that changes', 'text', replace('chatcmpl-text', 'chatcmpl-other'), /another id/],
    ['a model that changes', 'text', replace('"model":"gpt-recorded-2026-01-01"', '"model":"m"'), /another model/],
    ['a creation time that changes', 'text', replace('1767225600', '1767225601'), /another created/],
    ['a creation time that is no whole number', 'text', (text) => text.replaceAll('1767225600', '1767225600.5'), /whole number in created/],
    ['no role first', 'text', replace('"role":"assistant",', ''), /no role in the first delta/],
    ['a role again', 'text', replace('"delta":{"content":"Gr"', '"delta":{"role":"assistant","content":"Gr"'), /repeats the role/],
    ['content that is no text', 'text', replace('"content":"Gr"', '"content":["Gr"]'), /content that is no text/],
    ['no finish_reason', 'text', replace('"finish_reason":"stop"', '"finish_reason":null'), /no finish_reason for choice 0/],
    ['two finish_reasons', 'text', events((all) => [...all.slice(0, -2), all.at(-3) as string, ...all.slice(-2)]), /after its finish_reason/],
    ['a delta after finish_reason', 'text', events((all) => [...all.slice(0, -2), all[1] as string, ...all.slice(-2)]), /after its finish_reason/],
    ['an unknown finish_reason', 'text', replace('"finish_reason":"stop"', '"finish_reason":"end_turn"'), /has the finish_reason/],
    ['tool_calls as the reason without a call', 'text', replace('"finish_reason":"stop"', '"finish_reason":"tool_calls"'), /without a tool call/],
    ['no [DONE]', 'text', replace('data: [DONE]\n\n', ''), /no \[DONE\]/],
    ['[DONE] twice', 'text', replace('data: [DONE]\n\n', 'data: [DONE]\n\ndata: [DONE]\n\n'), /after \[DONE\]/],
    ['usage after [DONE]', 'text', events((all) => [...all.slice(0, -2), all.at(-1) as string, all.at(-2) as string]), /after \[DONE\]/],
    ['no usage', 'text', events((all) => all.toSpliced(-2, 1)), /no usage although/],
    ['usage twice', 'text', events((all) => all.toSpliced(-2, 0, all.at(-2) as string)), /second time/],
    ['usage beside choices', 'text', replace('"usage":null', '"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}'), /beside choices/],
    ['usage before the finish', 'text', events((all) => all.toSpliced(-3, 2, all.at(-2) as string, all.at(-3) as string)), /before every choice/],
    ['usage that is no count', 'text', replace('"prompt_tokens":19', '"prompt_tokens":-1'), /usage\.prompt_tokens/],
    [
      'an event without choices and usage',
      'text',
      replace(new RegExp(`"choices":\\[[^\\]]*${first.replace(/[{}]/g, '\\$&')}[^\\]]*\\]`), '"choices":[]'),
      /neither choices nor usage/,
    ],
    ['a choice without an index', 'text', replace('"index":0,', ''), /without an index/],
    ['an error where none is expected', 'error-mid-stream', (text) => `${text}: comment\n\n`, /has an error/],
    ['a tool call that starts at 1', 'tool', (text) => text.replaceAll('"tool_calls":[{"index":0', '"tool_calls":[{"index":1'), /has tool call 1 when 0/],
    ['a gap between tool calls', 'parallel-tools', (text) => text.replaceAll('"tool_calls":[{"index":1', '"tool_calls":[{"index":2'), /has tool call 2 when 1/],
    ['a tool call without an id', 'tool', replace('"id":"call_tool_1",', ''), /without an id/],
    ['a tool call without a type', 'tool', replace('"type":"function",', ''), /without a type/],
    ['a tool call without a name', 'tool', replace('"name":"get_weather",', ''), /without a name/],
    [
      'a tool call whose id comes again',
      'tool',
      replace('{"index":0,"function":{"arguments":"{\\"ci"}}', '{"index":0,"id":"x","function":{"arguments":"{\\"ci"}}'),
      /an id again/,
    ],
    [
      'a tool call whose name comes again',
      'tool',
      replace('"function":{"arguments":"{\\"ci"}', '"function":{"name":"get_weather","arguments":"{\\"ci"}'),
      /a name again/,
    ],
    ['arguments as an object', 'tool', replace('"arguments":""', '"arguments":{}'), /arguments that are no text/],
    [
      'a return to an earlier tool call',
      'parallel-tools',
      replace('{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}', '{"tool_calls":[{"index":0,"function":{"arguments":""}}]}'),
      /one is written after the other/,
    ],
    ['an empty list of tool calls', 'text', replace('"content":"Gr"', '"content":"Gr","tool_calls":[]'), /empty one/],
  ])('finds %s', (_what, name, edit, violation) => {
    expect(checkOpenaiChatStream(broken(name, edit), expected).join('\n')).toMatch(violation)
  })

  it('finds usage that was not asked for, a wrong content-type, and an error without a message or before [DONE]', () => {
    const { body } = ownRecording('openai-chat', 'text')
    expect(checkOpenaiChatStream(body, { includeUsage: false }).join()).toMatch(/not asked for/)
    expect(checkOpenaiChatStream(body, { ...expected, contentType: 'application/json' }).join()).toMatch(/content-type is/)
    const failed = ownRecording('openai-chat', 'error-mid-stream').body.toString()
    expect(checkOpenaiChatStream(Buffer.from(failed.replace(/"message":"[^"]*"/, '"message":""')), { ...expected, ending: 'error' }).join()).toMatch(
      /without a message/,
    )
    expect(checkOpenaiChatStream(Buffer.from(`${failed}data: [DONE]\n\n`), { ...expected, ending: 'error' }).join()).toMatch(/an error and \[DONE\]/)
    expect(checkOpenaiChatStream(body, { ...expected, ending: 'error' }).join()).toMatch(/has no error/)
  })

  it('keeps the choices of one reply apart', () => {
    const own = ownRecordings('openai-chat').filter(({ id }) => id === 'openai-chat/text')
    const doubled = events((all) => all.flatMap((event) => (event.includes('"delta"') ? [event, event.replace('"index":0', '"index":1')] : [event])))
    for (const { body } of own) {
      expect(checkOpenaiChatStream(Buffer.from(doubled(body.toString())), expected)).toEqual([])
      const half = doubled(body.toString()).replace(/data: [^\n]*"index":1[^\n]*"finish_reason":"stop"[^\n]*\n\n/, '')
      expect(checkOpenaiChatStream(Buffer.from(half), expected).join()).toMatch(/no finish_reason for choice 1/)
    }
  })
})
