import { type Block, type Conversation, LossSink, noOpaqueValue, type Reply, type ReplyEvent, replyEvents, type SealableBlock, type Sealed } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { ReplyAccumulator } from '../../../core/conversation/accumulate.ts'
import { openSeals } from '../../../core/conversation/open-seals.ts'
import { closeSeals, closeSealsInEvents } from '../../../core/conversation/seal-steps.ts'
import { call, keeper, sealed, text, thoughts } from './sealed-blocks.ts'

const losses = new LossSink()
const replyOf = (...blocks: Block[]): Reply => ({ candidates: [{ blocks, finish: { reason: 'stop' } }] })
const blocksOf = (reply: Reply): readonly Block[] => reply.candidates.flatMap(({ blocks }) => blocks)
const sealIn = (block: Block | undefined): string => (block as SealableBlock).sealed?.value ?? ''
const delta = (index: number, value: Sealed): ReplyEvent => ({ type: 'block-delta', index, delta: { type: 'sealed', sealed: value } })
const words = (index: number, piece: string): ReplyEvent => ({ type: 'block-delta', index, delta: { type: 'text', text: piece } })
const start = (index: number, block: Block): ReplyEvent => ({ type: 'block-start', index, block })
const end = (index: number): ReplyEvent => ({ type: 'block-end', index })

function run(...events: ReplyEvent[]): readonly ReplyEvent[] {
  return events.flatMap(closeSealsInEvents({ keeper, losses, marksThoughts: false }))
}

function accumulated(events: readonly ReplyEvent[]): readonly Block[] {
  const accumulator = new ReplyAccumulator()
  for (const event of events) accumulator.push(event)
  return blocksOf(accumulator.reply())
}

/** The seals of a run of events, by the index of their block. */
function sealsIn(events: readonly ReplyEvent[]): readonly (readonly [number, string])[] {
  return events.flatMap((event) => (event.type === 'block-delta' && event.delta.type === 'sealed' ? [[event.index, event.delta.sealed.value] as const] : []))
}

describe('a whole reply', () => {
  it('has a seal in place of every opaque value, with the whole block in it', () => {
    const given = [thoughts('Hm.'), text('Yes.', { sealed: sealed(), annotations: [{ protocol: 'issuer', value: 1 }] }), text('No.')]
    const blocks = blocksOf(closeSeals(replyOf(...given), { keeper, losses, marksThoughts: false }))
    expect(blocks.map((block) => ({ ...block, sealed: undefined }))).toEqual(given.map((block) => ({ ...block, sealed: undefined })))
    expect(keeper.open(sealIn(blocks[0]))).toEqual(given[0])
    expect(keeper.open(sealIn(blocks[1]))).toEqual(given[1])
    expect(blocks[2]).toBe(given[2])
  })

  it('has the seals of its calls without their arguments, which the caller has anyway', () => {
    const given = call('c1', { sealed: sealed(), ext: { issuer: { extra: 1 } } })
    const [block] = blocksOf(closeSeals(replyOf(given), { keeper, losses, marksThoughts: false }))
    expect(block).toMatchObject({ id: 'c1', argumentsText: '{"a": 1}' })
    expect(keeper.open(sealIn(block))).toEqual({ ...given, argumentsText: '' })
  })

  it('has none for an empty value', () => {
    const [block] = blocksOf(closeSeals(replyOf(thoughts('Hm.', { sealed: sealed('') })), { keeper, losses, marksThoughts: false }))
    expect(block).toEqual({ type: 'reasoning', text: 'Hm.', ext: { issuer: { id: 'rs_1' } } })
  })
})

describe('a stream', () => {
  it('says the same as the whole reply, however its seals come', () => {
    const { sealed: seal, ...unsealed } = thoughts('Hm. Well.')
    const unary = blocksOf(closeSeals(replyOf({ ...unsealed, sealed: sealed() }, call('c1', { sealed: sealed() })), { keeper, losses, marksThoughts: false }))
    const streams = [
      run(
        start(0, thoughts('')),
        words(0, 'Hm. '),
        words(0, 'Well.'),
        end(0),
        start(1, call('c1', { sealed: sealed(), argumentsText: '' })),
        words(1, '{"a": 1}'),
        end(1),
      ),
      run(start(0, { ...unsealed, text: '' }), words(0, 'Hm. Well.'), delta(0, sealed()), end(0), start(1, call('c1')), delta(1, sealed()), end(1)),
      run(
        start(0, thoughts('', { sealed: sealed('first') })),
        delta(0, seal ?? sealed()),
        words(0, 'Hm. Well.'),
        end(0),
        start(1, call('c1', { sealed: sealed('first') })),
        delta(1, sealed()),
        end(1),
      ),
    ]
    for (const events of streams) {
      const blocks = accumulated(events)
      expect(blocks.map((block) => keeper.open(sealIn(block)))).toEqual(unary.map((block) => keeper.open(sealIn(block))))
      expect(blocks.map((block) => ({ ...block, sealed: 0 }))).toEqual(unary.map((block) => ({ ...block, sealed: 0 })))
    }
    expect(accumulated(replyEvents(replyOf(thoughts('Hm.'))).flatMap(closeSealsInEvents({ keeper, losses, marksThoughts: false })))).toEqual(
      blocksOf(closeSeals(replyOf(thoughts('Hm.')), { keeper, losses, marksThoughts: false })),
    )
  })

  it('tells the seal of a call as soon as its value is there, and of other blocks at their end', () => {
    const events = run(start(0, call('c1', { sealed: sealed() })), start(1, thoughts('Hm.')), delta(1, sealed()), end(1), words(0, '{}'), end(0))
    expect(events.map(({ type }) => type)).toEqual(['block-start', 'block-start', 'block-delta', 'block-end', 'block-delta', 'block-end'])
    expect(keeper.open(sealIn((events[0] as { block: Block }).block))).toMatchObject({ id: 'c1', argumentsText: '', sealed: sealed() })
    expect((events[1] as { block: Block }).block).not.toHaveProperty('sealed')
    expect(sealsIn(events)).toEqual([[1, expect.any(String)]])
  })

  it('tells a value that comes twice once', () => {
    const events = run(
      start(0, call('c1')),
      delta(0, sealed()),
      delta(0, sealed()),
      end(0),
      start(1, thoughts('Hm.')),
      delta(1, sealed()),
      delta(1, sealed()),
      end(1),
    )
    expect(sealsIn(events).map(([index]) => index)).toEqual([0, 1])
  })

  it('seals several open blocks each with its own content', () => {
    const events = run(
      start(0, text('')),
      start(1, thoughts('')),
      words(1, 'b'),
      words(0, 'a'),
      delta(0, sealed('one')),
      delta(1, sealed('two')),
      end(1),
      end(0),
    )
    expect(sealsIn(events).map(([index, value]) => [index, keeper.open(value)])).toEqual([
      [1, thoughts('b', { sealed: sealed('two') })],
      [0, text('a', { sealed: sealed('one') })],
    ])
  })

  it('holds the citations of a text in its seal', () => {
    const annotation = { protocol: 'issuer', value: { url: 'u' } }
    const events = run(
      start(0, text('')),
      words(0, 'a'),
      { type: 'block-delta', index: 0, delta: { type: 'annotation', annotation } },
      delta(0, sealed()),
      end(0),
    )
    expect(sealsIn(events).map(([, value]) => keeper.open(value))).toEqual([text('a', { annotations: [annotation], sealed: sealed() })])
  })

  it('holds in its seals what is known of a block only at its end', () => {
    const ext = { issuer: { id: 'rs_2', status: 'completed' } }
    const events = run(start(0, thoughts('Hm.')), { type: 'block-end', index: 0, ext })
    expect(sealsIn(events).map(([, value]) => keeper.open(value))).toEqual([thoughts('Hm.', { ext })])
    expect(events.at(-1)).toEqual({ type: 'block-end', index: 0, ext })
  })

  it('has no seal for an empty value, nor for what an error cut off', () => {
    const error: ReplyEvent = { type: 'error', error: { status: 502, kind: 'upstream', message: 'cut' } }
    expect(
      sealsIn(run(start(0, thoughts('a', { sealed: sealed('') })), delta(0, sealed('')), end(0), start(1, call('c')), delta(1, sealed('')), end(1))),
    ).toEqual([])
    expect(run(start(0, thoughts('a')), error)).toEqual([expect.objectContaining({ type: 'block-start' }), error])
    expect(run(start(0, thoughts('a')), error, end(0))).toHaveLength(3)
  })

  it('passes on everything else as it is', () => {
    const media: Block = { type: 'media', kind: 'image', source: { type: 'url', url: 'u' } }
    const events: ReplyEvent[] = [
      { type: 'reply-start', id: 'r' },
      start(0, media),
      end(0),
      start(1, text('a')),
      words(1, 'b'),
      end(1),
      delta(7, sealed()),
      { type: 'reply-end' },
    ]
    expect(run(...events)).toEqual(events)
  })
})

describe('without a keeper', () => {
  const given = [text('Yes.'), thoughts('Hm.'), call('c1', { sealed: sealed() }), thoughts('', { sealed: sealed('') })]
  const dropped = (index: number) => ({
    path: `blocks[${index}]`,
    feature: 'reasoning-seal',
    action: 'dropped',
    severity: 'hint',
    detail: 'No plugin is there to seal it.',
  })

  it('opaque values are taken out of a whole reply, and each is a loss', () => {
    const sink = new LossSink()
    const blocks = blocksOf(closeSeals(replyOf(...given), { keeper: undefined, losses: sink, marksThoughts: false }))
    expect(blocks).toEqual(given.map((block) => ({ ...block, sealed: undefined })))
    expect(sink.losses).toEqual([dropped(1), dropped(2)])
  })

  it('they are taken out of a stream with the same losses, however they come', () => {
    const whole = replyEvents(replyOf(...given))
    const late = whole.flatMap((event): readonly ReplyEvent[] => {
      const { sealed: value, ...block } = event.type === 'block-start' ? (event.block as SealableBlock) : {}
      return event.type === 'block-start' && value ? [{ ...event, block: block as Block }, delta(event.index, value)] : [event]
    })
    for (const events of [whole, late]) {
      const sink = new LossSink()
      const closed = events.flatMap(closeSealsInEvents({ keeper: undefined, losses: sink, marksThoughts: false }))
      expect(JSON.stringify(closed)).not.toContain('sealed')
      expect(accumulated(closed)).toEqual(given.map((block) => ({ ...block, sealed: undefined })))
      expect(sink.losses.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([dropped(1), dropped(2)])
    }
  })
})

describe('thoughts that nobody has signed', () => {
  const marking = { keeper, losses: new LossSink(), marksThoughts: true }
  const unsigned: Block = { type: 'reasoning', text: 'Hm.' }

  it('are marked for callers whose vendor refuses such, whole and streamed', () => {
    const [whole] = blocksOf(closeSeals(replyOf(unsigned), marking))
    const streamed = accumulated([start(0, { type: 'reasoning', text: '' }), words(0, 'Hm.'), end(0)].flatMap(closeSealsInEvents(marking)))
    expect([sealIn(whole), sealIn(streamed[0])]).toEqual([noOpaqueValue, noOpaqueValue])
  })

  it('are left as they are where there is nothing to give back, or for other callers', () => {
    expect(blocksOf(closeSeals(replyOf({ type: 'reasoning', text: '' }, text('Hi')), marking))).toEqual([{ type: 'reasoning', text: '' }, text('Hi')])
    expect(blocksOf(closeSeals(replyOf(unsigned), { ...marking, marksThoughts: false }))).toEqual([unsigned])
  })

  it('go on without their mark to other vendors, and not at all to one that refuses them', () => {
    const marked: Block = { ...unsigned, sealed: { issuer: 'caller', value: noOpaqueValue } }
    const opened = (sameProtocol: boolean) => {
      const found = new LossSink()
      const { turns } = openSeals(conversationOf(marked), { target: 'caller', keeper, losses: found, sameProtocol })
      return [turns.map(({ blocks }) => blocks), found.losses.length]
    }
    expect(opened(false)).toEqual([[[unsigned]], 0])
    // Nor does the turn that held nothing else: an empty one would be refused.
    expect(opened(true)).toEqual([[], 1])
  })
})

describe('calls that nobody has signed', () => {
  const marking = { keeper, losses: new LossSink(), marksThoughts: false, marksCalls: true }

  it('are marked for callers whose vendor refuses such, whole and streamed, but not those that the provider runs', () => {
    const given = replyOf(call('c1'), call('c2', { sealed: sealed() }), call('c3', { executedBy: 'provider' }), thoughts('Hm.', { sealed: sealed('') }))
    const whole = blocksOf(closeSeals(given, marking))
    expect(whole.map((block) => sealIn(block).slice(0, 9))).toEqual([noOpaqueValue, expect.stringMatching(/^tkl1\.(?!none)/), '', ''])
    expect(accumulated(replyEvents(given).flatMap(closeSealsInEvents(marking))).map(sealIn)).toEqual(whole.map(sealIn))
  })

  it('are told of when they come back to a vendor that refuses them', () => {
    const marked = call('c1', { sealed: { issuer: 'caller', value: noOpaqueValue } })
    const back = (sameProtocol: boolean) => openSeals(conversationOf(marked), { target: 'caller', keeper, losses, sameProtocol })
    expect(back(true)).toMatchObject({ turns: [{ blocks: [call('c1')] }], lacksThoughts: true })
    expect(back(false)).not.toHaveProperty('lacksThoughts')
  })
})

function conversationOf(...blocks: Block[]): Conversation {
  const turn = { role: 'assistant', form: 'blocks', blocks } as const
  return { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns: [turn], tools: [], sampling: {} }
}
