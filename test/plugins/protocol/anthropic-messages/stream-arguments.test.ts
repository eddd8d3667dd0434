import { LossSink, type ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, called, encodeStream, protocol, replyOptions, written } from './subject.ts'

function events(pieces: readonly string[], own = false): ReplyEvent[] {
  return [
    { type: 'reply-start', model: 'gpt-test', ...(own && { ext: { 'anthropic-messages': {} } }) },
    { type: 'block-start', index: 0, block: called('c', 'look', '') as Extract<ReplyEvent, { type: 'block-start' }>['block'] },
    ...pieces.map((text): ReplyEvent => ({ type: 'block-delta', index: 0, delta: { type: 'text', text } })),
    { type: 'block-end', index: 0 },
    { type: 'finish', finish: { reason: 'tool-calls' } },
    { type: 'reply-end' },
  ]
}

/** The pieces of the input, and the losses of the call. */
function encode(pieces: readonly string[], own = false) {
  const losses = new LossSink()
  const deltas = written(encodeStream(events(pieces, own), replyOptions(losses))).flatMap(({ delta }) =>
    delta && typeof delta === 'object' && 'partial_json' in delta ? [String(delta.partial_json)] : [],
  )
  return { deltas, losses: losses.losses.filter(({ path }) => path !== 'usage') }
}

const lost = [{ path: 'content[0].input', feature: 'tool-arguments', action: 'approximated', severity: 'semantic' }]

describe('streamed arguments', () => {
  it('of an object go on in the pieces they came in', () => {
    expect(encode(['{"a"', ':', '1}'])).toEqual({ deltas: ['{"a"', ':', '1}'], losses: [] })
    expect(encode([' ', '\n{', '}'])).toEqual({ deltas: [' \n{', '}'], losses: [] })
  })

  it('of an object are written before the call ends', () => {
    expect(encodeStream(events(['{"a"', ':']).slice(0, 4))).toContain('"partial_json":":"')
  })

  it.each([[['null']], [['[1', ',2]']], [['"fo', 'o"']], [['  look', ' there']], [['7']]])(
    'that are no object, %j, are wrapped as in a unary reply',
    (pieces) => {
      const { deltas, losses } = encode(pieces)
      expect(deltas).toHaveLength(1)
      const unary = protocol.encodeReply(accumulate(events(pieces)), replyOptions()) as { content: { input: unknown }[] }
      expect(JSON.parse(deltas[0] as string)).toEqual(unary.content[0]?.input)
      expect(losses).toMatchObject(lost)
    },
  )

  it.each([[['{"a":1}', '{"b":2}']], [['{"a":']]])('that only begin like an object, %j, are reported at their end', (pieces) => {
    const { deltas, losses } = encode(pieces)
    expect(deltas).toEqual(pieces)
    expect(losses).toMatchObject(lost)
  })

  it.each([[[]], [['', ' ']]])('that are empty, %j, add nothing', (pieces) => {
    expect(encode(pieces)).toEqual({ deltas: [], losses: [] })
  })

  it('of this protocol’s own reply go on as they stand', () => {
    expect(encode(['nu', 'll'], true)).toEqual({ deltas: ['nu', 'll'], losses: [] })
  })
})
