import { type Block, type Conversation, joinSeals, LossSink, sealToBase64, type Turn } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { openSeals } from '../../../core/conversation/open-seals.ts'
import { call, carrier, carrying, keeper, otherKeeper, sealed, text, thoughts } from './sealed-blocks.ts'

const assistant = (...blocks: Block[]): Turn => ({ role: 'assistant', form: 'blocks', blocks })
const user: Turn = { role: 'user', form: 'text', blocks: [text('Well?')] }

function opened(turns: readonly Turn[], sameProtocol = false, distrusts?: 'all' | 'bare') {
  const losses = new LossSink()
  const whole: Conversation = { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns, tools: [], sampling: {} }
  const conversation = openSeals(whole, { target: sameProtocol ? 'caller' : 'issuer', keeper, losses, sameProtocol, distrusts })
  return { conversation, whole, turns: conversation.turns.map(({ blocks }) => blocks), losses: losses.losses.map(({ path, detail }) => `${path}: ${detail}`) }
}

const blocksOf = (...blocks: Block[]) => {
  const { turns, losses } = opened([user, assistant(...blocks)])
  return { blocks: turns[1], losses }
}

describe('a seal on its own block', () => {
  it('gives thoughts back whole, whatever became of them', () => {
    const original = thoughts('Hm.', { summary: true })
    expect(blocksOf(carrying(thoughts('Shortened'), keeper.seal(original)), text('Yes.'))).toEqual({ blocks: [original, text('Yes.')], losses: [] })
    expect(blocksOf(carrier(keeper.seal(original)))).toEqual({ blocks: [original], losses: [] })
  })

  it('gives a call its opaque value and its issuer’s fields, and leaves the caller’s arguments', () => {
    const original = call('c1', { name: 'theirs', argumentsText: '', sealed: sealed(), ext: { issuer: { extra: 1 } } })
    const given = carrying(call('c1', { argumentsText: '{"a":1}', ext: { caller: { b: 2 } } }), keeper.seal(original))
    const expected = call('c1', { argumentsText: '{"a":1}', sealed: sealed(), ext: { caller: { b: 2 }, issuer: { extra: 1 } } })
    expect(blocksOf(given)).toEqual({ blocks: [expected], losses: [] })
  })

  it('gives a text back whole as long as its words are the same', () => {
    const original = text('Yes.', { sealed: sealed(), annotations: [{ protocol: 'issuer', value: 1 }] })
    expect(blocksOf(carrying(text('Yes.'), keeper.seal(original)))).toEqual({ blocks: [original], losses: [] })
    expect(blocksOf(carrying(text('No.'), keeper.seal(original)))).toEqual({ blocks: [text('No.')], losses: ['messages[1].content[0]: Its text was changed.'] })
  })
})

describe('a seal on another block', () => {
  const sealedCall = (id: string) => keeper.seal(call(id, { argumentsText: '', sealed: sealed(`of ${id}`) }))

  it('goes to the call of its id, and the carrier goes away, wherever in the turn it stands', () => {
    const expected = [call('c1', { sealed: sealed('of c1') }), call('c2', { sealed: sealed('of c2') })]
    const arrangements: Block[][] = [
      [carrier(sealedCall('c1')), call('c1'), carrier(sealedCall('c2')), call('c2')],
      [carrier(sealedCall('c2')), carrier(sealedCall('c1')), call('c1'), call('c2')],
      [call('c1'), call('c2'), carrier(sealedCall('c1')), carrier(sealedCall('c2'))],
    ]
    for (const blocks of arrangements) expect(blocksOf(...blocks)).toEqual({ blocks: expected, losses: [] })
  })

  it('is found in a turn of the assistant beside it, but not behind somebody else’s', () => {
    const beside = opened([assistant(carrier(sealedCall('c1'))), assistant(call('c1')), user])
    expect([beside.turns, beside.losses]).toEqual([[[call('c1', { sealed: sealed('of c1') })], user.blocks], []])
    const behind = opened([assistant(carrier(sealedCall('c1'))), user, assistant(call('c1'))])
    expect(behind.turns).toEqual([user.blocks, [call('c1')]])
    expect(behind.losses).toEqual(['messages[0].content[0]: The tool call that it belongs to was changed, or is gone.'])
  })

  it('goes to the text with its words, the next before an earlier one', () => {
    const original = text('Yes.', { sealed: sealed() })
    const seal = keeper.seal(original)
    expect(blocksOf(text('Yes.'), carrier(seal), text('Yes.'))).toEqual({ blocks: [text('Yes.'), original], losses: [] })
    expect(blocksOf(text('Yes.'), carrier(seal))).toEqual({ blocks: [original], losses: [] })
    expect(blocksOf(carrier(seal), text('Yes. No.'))).toEqual({
      blocks: [text('Yes. No.')],
      losses: ['messages[1].content[0]: The text that it belongs to was changed, or is gone.'],
    })
  })

  it('brings back a text without words, which other protocols do not carry', () => {
    const original = text('', { sealed: sealed() })
    expect(blocksOf(text('Yes.'), carrier(keeper.seal(original)))).toEqual({ blocks: [text('Yes.'), original], losses: [] })
  })

  it('brings back thoughts before the block that carried it, in place of what the caller was shown of them', () => {
    const original = thoughts('Hm.')
    const seal = keeper.seal(original)
    expect(blocksOf(carrying(call('c1'), seal), call('c2'))).toEqual({ blocks: [original, call('c1'), call('c2')], losses: [] })
    expect(blocksOf({ type: 'reasoning', text: 'Hm.' }, carrying(text('Yes.'), seal))).toEqual({ blocks: [original, text('Yes.')], losses: [] })
    expect(blocksOf({ type: 'reasoning', text: 'Other.' }, carrying(text('Yes.'), seal)).blocks).toHaveLength(3)
  })

  it('that stands in several places is put back once', () => {
    const original = thoughts('Hm.')
    const seal = keeper.seal(original)
    expect(blocksOf(carrier(seal), carrying(call('c1'), seal), carrying(call('c2'), seal))).toEqual({ blocks: [original, call('c1'), call('c2')], losses: [] })
  })

  it('that has thousands of empty ones behind it is opened in no time that grows with them', () => {
    const texts = Array.from({ length: 10_000 }, (): Block => text('a'))
    const begin = process.cpuUsage()
    const { blocks } = blocksOf(...texts, carrying(call('c1'), `${keeper.seal(thoughts('Hm.'))}${','.repeat(10_000)}`))
    expect(blocks?.[0]).toEqual(thoughts('Hm.'))
    // Their product takes over a second. Microseconds of this process.
    expect(process.cpuUsage(begin).user).toBeLessThan(700_000)
  })

  it('that is one of several is opened as it would be alone, and what stood before the texts goes back there', () => {
    const [one, two, three] = [thoughts('One.'), thoughts('Two.'), thoughts('Three.')]
    const own = keeper.seal(call('c1', { argumentsText: '', sealed: sealed('of c1') }))
    const value = joinSeals([keeper.seal(one), keeper.seal(two), '', keeper.seal(three), own])
    const expected = [one, two, text('Hm, '), text('yes.'), three, call('c1', { sealed: sealed('of c1') })]
    for (const form of [value, sealToBase64(value)]) {
      expect(blocksOf(text('Hm, '), text('yes.'), carrying(call('c1'), form))).toEqual({ blocks: expected, losses: [] })
      const shown = ['One.', 'Tw', 'o.'].map((words): Block => ({ type: 'reasoning', text: words }))
      const last: Block = { type: 'reasoning', text: 'Three.' }
      expect(blocksOf(...shown, text('Hm, '), text('yes.'), last, carrying(call('c1'), form)).blocks).toEqual(expected)
    }
    expect(blocksOf(carrying(two, keeper.seal(two)), text('Hm, '), carrying(call('c1'), value)).blocks).toEqual([two, one, text('Hm, '), three, expected[5]])
    expect(blocksOf(carrying(call('c1'), joinSeals([keeper.seal(one), `${keeper.seal(two)}x`])))).toEqual({
      blocks: [call('c1')],
      losses: ['messages[1].content[0]: The seal is not one of this gateway, or was changed.'],
    })
    expect(blocksOf(carrier(joinSeals([keeper.seal(one), keeper.seal(two)])), text('Hm, ')).blocks).toEqual([one, two, text('Hm, ')])
    expect(blocksOf({ ...text('Yes.'), sealed: { issuer: 'elsewhere', value: 'a,,b' } }).losses).toEqual([
      'messages[1].content[0]: It was not issued by the provider.',
    ])
    expect(blocksOf({ ...text('Yes.'), sealed: { issuer: 'elsewhere', value: '' } }).losses).toHaveLength(1)
    expect(blocksOf(call('c0'), carrying(call('c1'), joinSeals([keeper.seal(one), '']))).blocks).toEqual([call('c0'), one, call('c1')])
  })

  it('on thoughts that have words leaves these', () => {
    const shown = { type: 'reasoning', text: 'Hm.' } as const
    expect(blocksOf(carrying(shown, sealedCall('c1')), call('c1')).blocks).toEqual([shown, call('c1', { sealed: sealed('of c1') })])
  })
})

describe('an opaque value that the provider must not see', () => {
  const foreign = otherKeeper.seal(thoughts('Hm.'))

  it('is taken out, and reported as a hint, and so is a block that is nothing but it', () => {
    const { blocks, losses } = blocksOf(carrying({ type: 'reasoning', text: 'Hm.' }, foreign), carrier(foreign), carrying(call('c1'), `${foreign}x`), {
      ...text('Yes.'),
      sealed: { issuer: 'elsewhere', value: 'raw' },
    })
    expect(blocks).toEqual([{ type: 'reasoning', text: 'Hm.' }, call('c1'), text('Yes.')])
    expect(losses).toEqual([
      'messages[1].content[0]: Another provider or account issued it.',
      'messages[1].content[1]: Another provider or account issued it.',
      'messages[1].content[2]: The seal is not one of this gateway, or was changed.',
      'messages[1].content[3]: It was not issued by the provider.',
    ])
  })

  it('takes the thoughts with it where the caller’s own vendor is asked, who wants its own on them', () => {
    const own = { type: 'reasoning', text: 'Mine.', sealed: { issuer: 'caller', value: 'raw' } } as const
    const { turns, losses } = opened([assistant(own, carrying({ type: 'reasoning', text: 'Hm.' }, foreign), carrying(text('Yes.'), foreign))], true)
    expect(turns).toEqual([[own, text('Yes.')]])
    expect(losses).toHaveLength(2)
  })
})

it('without a keeper every seal is taken out, and reported', () => {
  const given = [assistant(carrying({ type: 'reasoning', text: 'Hm.' }, keeper.seal(thoughts('Hm.'))), carrier(keeper.seal(thoughts('Well.'))), text('Yes.'))]
  const losses = new LossSink()
  const whole: Conversation = { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns: given, tools: [], sampling: {} }
  const { turns } = openSeals(whole, { target: 'issuer', keeper: undefined, losses })
  expect(turns.map(({ blocks }) => blocks)).toEqual([[{ type: 'reasoning', text: 'Hm.' }, text('Yes.')]])
  expect(losses.losses).toMatchObject(
    [0, 1].map((at) => ({ path: `messages[0].content[${at}]`, feature: 'reasoning-seal', action: 'dropped', severity: 'hint' })),
  )
})

it('a conversation without anything to open is the same one, and so are turns beside one that has', () => {
  const turns = [user, assistant(thoughts('Hm.'), text('tkl1. is how a seal begins')), user]
  const { conversation, whole } = opened(turns)
  expect(conversation).toBe(whole)
  const { conversation: other } = opened([...turns, assistant(carrier(keeper.seal(thoughts('Hm.'))))])
  expect(other.turns.slice(0, 3).map((turn, index) => turn === turns[index])).toEqual([true, true, true])
})

describe('opaque values of which the provider has refused one', () => {
  const refused = 'The provider refused it: another account issued it, or it was changed.'
  const own = (value: string) => ({ issuer: 'caller', value })
  const blocks = [
    thoughts('Hm.', { sealed: own('raw') }),
    carrying(thoughts('Shown.'), keeper.seal(thoughts('Whole.'))),
    text('Yes.', { sealed: own('of a text') }),
    call('c1', { sealed: own('of a call') }),
    carrying(thoughts('Theirs.'), otherKeeper.seal(thoughts('Hm.'))),
  ]

  it('are all taken out, thoughts whole, with what was wrong with each', () => {
    const { conversation, turns, losses } = opened([assistant(...blocks)], true, 'all')
    expect(turns).toEqual([[text('Yes.'), call('c1')]])
    expect(conversation.lacksThoughts).toBe(true)
    const reasons = [refused, refused, refused, refused, 'Another provider or account issued it.']
    expect(losses).toEqual(reasons.map((reason, index) => `messages[0].content[${index}]: ${reason}`))
  })

  it('are taken out as far as they are no seals, where the provider’s own are known by theirs', () => {
    expect(opened([assistant(...blocks)], true, 'bare').turns).toEqual([[thoughts('Whole.'), text('Yes.'), call('c1')]])
  })

  it('are taken out of seals for a provider of another protocol, whose words stay', () => {
    const { turns, losses } = opened(
      [assistant(carrying(thoughts('Shown.'), keeper.seal(thoughts('Whole.'))), carrier(keeper.seal(thoughts(''))))],
      false,
      'all',
    )
    expect(turns).toEqual([[{ type: 'reasoning', text: 'Shown.', ext: { issuer: { id: 'rs_1' } } }]])
    expect(losses).toEqual([`messages[0].content[0]: ${refused}`, `messages[0].content[1]: ${refused}`])
  })
})

describe('a seal that stands in a request again and again', () => {
  const seal = keeper.seal(thoughts('wait '.repeat(100_000)))
  const openedBy = (count: number, open = keeper.open) => {
    const turns = Array.from({ length: count }, () => [assistant(carrier(seal)), user]).flat()
    const whole: Conversation = { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns, tools: [], sampling: {} }
    return openSeals(whole, { target: 'issuer', keeper: { ...keeper, open }, losses: new LossSink() }).turns
  }

  it('is opened once', () => {
    let opened = 0
    const turns = openedBy(100, (value) => {
      opened++
      return keeper.open(value)
    })
    expect(opened).toBe(1)
    expect(turns.filter(({ blocks: [block] }) => block?.type === 'reasoning' && block.text.length === 500_000)).toHaveLength(100)
  })

  it('holds too much when all of them together do', () => {
    expect(() => openedBy(140)).toThrow(expect.objectContaining({ code: 'TKL_REQUEST_TOO_LARGE', status: 413 }))
  })
})
