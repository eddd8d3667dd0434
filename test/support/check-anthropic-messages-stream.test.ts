import { describe, expect, it } from 'vitest'
import { checkAnthropicMessagesStream } from './check-anthropic-messages-stream.ts'
import { ownRecording, recordings } from './recordings.ts'

/** The text of a recording after an edit that must change something. */
function broken(name: string, edit: (text: string) => string): Buffer {
  const text = ownRecording('anthropic-messages', name).body.toString('utf8')
  const changed = edit(text)
  if (changed === text) throw new Error('The edit changed nothing.')
  return Buffer.from(changed)
}

const replace = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to)
const events = (edit: (events: string[]) => string[]) => (text: string) =>
  edit(text.trimEnd().split('\n\n'))
    .map((event) => `${event}\n\n`)
    .join('')
const without = (type: string) => events((all) => all.filter((event) => !event.startsWith(`event: ${type}\n`)))
const twice = (type: string) => events((all) => all.flatMap((event) => (event.startsWith(`event: ${type}\n`) ? [event, event] : [event])))
const withoutFirst = (type: string) =>
  events((all) =>
    all.toSpliced(
      all.findIndex((event) => event.startsWith(`event: ${type}\n`)),
      1,
    ),
  )

describe('checkAnthropicMessagesStream', () => {
  it.each(recordings('anthropic-messages').filter(({ stream, status, id }) => stream && status === 200 && !id.includes('error-mid-stream')))(
    'finds nothing wrong with what the vendor sent: $id',
    ({ body }) => {
      expect(checkAnthropicMessagesStream(body, { contentType: 'text/event-stream; charset=utf-8' })).toEqual([])
    },
  )

  it('accepts an error as the end of a stream when one is expected', () => {
    expect(checkAnthropicMessagesStream(ownRecording('anthropic-messages', 'error-mid-stream').body, { ending: 'error' })).toEqual([])
    const atOnce = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    expect(checkAnthropicMessagesStream(Buffer.from(atOnce), { ending: 'error' })).toEqual([])
  })

  it('accepts pings anywhere', () => {
    const pinged = broken(
      'parallel-tools',
      events((all) => all.flatMap((event) => ['event: ping\ndata: {"type":"ping"}', event])),
    )
    expect(checkAnthropicMessagesStream(pinged)).toEqual([])
  })

  it.each<[string, string, (text: string) => string, RegExp]>([
    ['a missing blank line at the end', 'text', replace(/\n\n$/, '\n'), /blank line/],
    ['data that is no JSON', 'text', replace('data: {', 'data: {{'), /no JSON object/],
    ['an event name that is not the type', 'text', replace('event: content_block_stop', 'event: content_block_delta'), /has the type/],
    ['an event without a name', 'text', replace('event: message_stop\n', ''), /has the type/],
    [
      'an event that the protocol does not have',
      'text',
      (text) => text.replace('event: ping', 'event: pong').replace('"type":"ping"', '"type":"pong"'),
      /protocol does not have/,
    ],
    ['no message_start', 'text', without('message_start'), /before message_start|outside of the content/],
    ['message_start twice', 'text', twice('message_start'), /comes twice/],
    ['a message without an id', 'text', replace('"id":"msg_text",', ''), /no message\.id/],
    ['a message of another type', 'text', replace('"type":"message"', '"type":"msg"'), /message\.type/],
    ['a message of another role', 'text', replace('"role":"assistant"', '"role":"user"'), /message\.role/],
    ['a message without a model', 'text', replace('"model":"claude-recorded-20260101"', '"model":null'), /message\.model/],
    ['content in message_start', 'text', replace('"content":[]', '"content":[{"type":"text","text":"x"}]'), /content in the message/],
    ['a stop_reason in message_start', 'text', replace('"stop_reason":null', '"stop_reason":"end_turn"'), /message\.stop_reason/],
    ['a missing stop_sequence in message_start', 'text', replace('"stop_sequence":null,"usage"', '"usage"'), /message\.stop_sequence/],
    ['message_start without input tokens', 'text', replace('"input_tokens":11,', ''), /message\.usage\.input_tokens/],
    ['a block index that does not start at 0', 'text', (text) => text.replaceAll('"index":0', '"index":1'), /index 1 where 0 is next/],
    ['a gap between block indexes', 'parallel-tools', (text) => text.replaceAll('"index":3', '"index":4'), /index 4 where 3 is next/],
    ['a block that opens while another is open', 'parallel-tools', withoutFirst('content_block_stop'), /while block 0 is open/],
    ['a block that is never closed', 'text', without('content_block_stop'), /while block 0 is open/],
    ['a block that is closed twice', 'text', twice('content_block_stop'), /closes block 0, which is not open/],
    ['a delta for a block that is not open', 'text', replace('content_block_delta","index":0', 'content_block_delta","index":5'), /delta for block 5/],
    [
      'a delta of another kind than its block',
      'text',
      replace('"type":"text_delta","text"', '"type":"thinking_delta","thinking"'),
      /thinking_delta for a text block/,
    ],
    [
      'text in a tool block',
      'tool',
      replace('"type":"input_json_delta","partial_json":""', '"type":"text_delta","text":""'),
      /text_delta for a tool_use block/,
    ],
    ['a delta without its text', 'text', replace('"text":"Gr"', '"txt":"Gr"'), /delta\.text/],
    ['a text block that opens without text', 'text', replace('{"type":"text","text":""}', '{"type":"text"}'), /opens a text block without text/],
    ['a thinking block that opens without thinking', 'thinking', replace('"thinking":"","signature":""', '"signature":""'), /opens a thinking block without/],
    ['redacted thinking without data', 'thinking', replace('"data":"cmVkYWN0ZWQ="', '"data":""'), /redacted_thinking block without data/],
    ['a tool_use id with other characters', 'tool', replace('"id":"toolu_tool_1"', '"id":"call:1"'), /with the id "call:1"/],
    ['a tool_use block without a name', 'tool', replace('"name":"get_weather"', '"name":""'), /without a name/],
    ['a tool_use block that opens with its input', 'tool', replace('"input":{}', '"input":{"city":"Bern"}'), /input that is not \{\}/],
    ['a tool input that is no JSON', 'tool', replace('"partial_json":"{\\"city\\": \\"Zü"', '"partial_json":"{city: \\"Zü"'), /input is no JSON object/],
    ['no message_delta', 'text', without('message_delta'), /without a message_delta/],
    ['message_delta while a block is open', 'tool', without('content_block_stop'), /while block 0 is open/],
    ['message_delta without a stop_reason', 'text', replace('"stop_reason":"end_turn"', '"stop_reason":null'), /has the stop_reason null/],
    ['a stop_reason of another protocol', 'text', replace('"stop_reason":"end_turn"', '"stop_reason":"stop"'), /has the stop_reason "stop"/],
    ['tool_use as the reason without a call', 'text', replace('"stop_reason":"end_turn"', '"stop_reason":"tool_use"'), /without a tool_use block/],
    ['message_delta without output tokens', 'text', replace(/"output_tokens":11\}/, '"output_tokens":null}'), /usage\.output_tokens/],
    ['a block after message_delta', 'text', events((all) => [...all.slice(0, -1), ...all.slice(1, 4), all.at(-1) as string]), /outside of the content/],
    ['no message_stop', 'text', without('message_stop'), /no message_stop/],
    ['message_stop twice', 'text', twice('message_stop'), /after message_stop/],
    ['an event after an error', 'error-mid-stream', (text) => `${text}event: message_stop\ndata: {"type":"message_stop"}\n\n`, /after an error/],
    ['an error without a type', 'error-mid-stream', replace('"type":"overloaded_error",', ''), /no error with type and message/],
  ])('finds %s', (_what, name, edit, violation) => {
    expect(checkAnthropicMessagesStream(broken(name, edit)).join('\n')).toMatch(violation)
  })

  it('lets a reply that ran into its limit end inside a tool input', () => {
    const cut = broken('tool', (text) =>
      text.replace('"partial_json":"stadt\\"}"', '"partial_json":"st"').replace('"stop_reason":"tool_use"', '"stop_reason":"max_tokens"'),
    )
    expect(checkAnthropicMessagesStream(cut)).toEqual([])
  })

  it('finds a wrong content-type, and a missing error', () => {
    const { body } = ownRecording('anthropic-messages', 'text')
    expect(checkAnthropicMessagesStream(body, { contentType: null }).join()).toMatch(/content-type is null/)
    expect(checkAnthropicMessagesStream(body, { ending: 'error' }).join()).toMatch(/no error at its end/)
  })
})
