import { describe, expect, it } from 'vitest'
import { called, conversation, encodeRequest, said } from './subject.ts'

/** The input on the wire, and the losses but the one for the missing result. */
function encode(argumentsText: string) {
  const { messages, losses } = encodeRequest(conversation([said('user', 'go'), said('assistant', called('c', 'look', argumentsText))]))
  const [call] = (messages[1]?.content ?? []) as { input: unknown }[]
  return { input: call?.input, losses: losses.filter(({ feature }) => feature !== 'tool-result') }
}

function nested(depth: number): string {
  return `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
}

describe('arguments of a call', () => {
  it.each([513, 20_000])('that are %d deep stand as text, instead of exhausting the stack', (depth) => {
    const { input, losses } = encode(nested(depth))
    expect(input).toEqual({ input: nested(depth) })
    expect(losses).toMatchObject([{ path: 'messages[1].content[0].input', feature: 'tool-arguments', action: 'approximated', severity: 'semantic' }])
  })

  it('that are as deep as a request may be stay an object', () => {
    expect(encode(nested(512))).toEqual({ input: JSON.parse(nested(512)) as unknown, losses: [] })
  })

  it('do not count brackets inside of strings', () => {
    const text = JSON.stringify({ a: `\\"${'['.repeat(600)}` })
    expect(encode(text)).toEqual({ input: JSON.parse(text) as unknown, losses: [] })
  })

  it.each(['{"a":9007199254740993}', '{"a":[-12345678901234567890]}', `{"a":${'9'.repeat(400)}}`])('report %s, whose whole number changes', (text) => {
    expect(encode(text).losses).toMatchObject([{ feature: 'number-precision', action: 'approximated', severity: 'semantic' }])
  })

  it.each(['{"a":9007199254740992}', '{"a":"9007199254740993"}', '{"a":0.12345678901234567}', '{"a":123456789012345,"b":1e3}'])(
    'report nothing of %s',
    (text) => {
      expect(encode(text).losses).toEqual([])
    },
  )
})
