import { type Block, type Conversation, isGatewaySeal, LossSink, type SealableBlock, sealToBase64 } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { openSeals } from '../../../../core/conversation/open-seals.ts'
import { GatewaySeals } from '../../../../plugins/seal/signed-seals/gateway-seals.ts'
import { keysOf } from '../../../../plugins/seal/signed-seals/seal-key.ts'

const keeper = new GatewaySeals(() => keysOf(Buffer.alloc(32, 1))).keeperFor('one', 'account', 'wire')
const stranger = new GatewaySeals(() => keysOf(Buffer.alloc(32, 2))).keeperFor('one', 'account', 'wire')

const secret = 'what only its issuer can read'
const sealed = { issuer: 'wire', value: secret }
const originals: readonly SealableBlock[] = [
  { type: 'reasoning', text: 'Hm.', sealed },
  { type: 'reasoning', text: '', redacted: true, sealed },
  { type: 'tool-call', id: 'c1', name: 'look', argumentsText: '', form: 'json', executedBy: 'client', sealed },
  { type: 'text', text: 'Yes.', sealed },
]

/** Park and Miller's generator, so that every run makes the same seals. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

const alphabet = 'ABCxyz019-_.=+/\0 "\\é\ud800'
type Mutation = (seal: string, random: (below: number) => number) => string
const mutations: readonly Mutation[] = [
  (seal, random) => spliced(seal, random(seal.length), 1, alphabet[random(alphabet.length)] ?? ''),
  (seal, random) => spliced(seal, random(seal.length), 1 + random(9), ''),
  (seal, random) => spliced(seal, random(seal.length + 1), 0, alphabet.slice(random(alphabet.length))),
  (seal, random) => seal.slice(0, 5 + random(seal.length - 5)),
  (seal, random) => seal + seal.slice(random(seal.length)),
  (seal, random) => {
    const parts = seal.split('.')
    const [one, other] = [1 + random(4), 1 + random(4)]
    return parts.with(one, parts[other] ?? '').join('.')
  },
  (seal, random) => seal.replace(/[a-z]/g, (letter) => (random(20) === 0 ? letter.toUpperCase() : letter)),
]

function spliced(text: string, at: number, cut: number, piece: string): string {
  return text.slice(0, at) + piece + text.slice(at + cut)
}

function turnWith(value: string, carrier: number): Conversation {
  const slot = { issuer: 'caller', value }
  const call: Block = { type: 'tool-call', id: 'c1', name: 'look', argumentsText: '{}', form: 'json', executedBy: 'client' }
  const blocks: Block[] = [{ type: 'reasoning', text: 'Hm.' }, { type: 'text', text: 'Yes.' }, call]
  const turns = [{ role: 'assistant', form: 'blocks', blocks: blocks.with(carrier, { ...(blocks[carrier] as SealableBlock), sealed: slot }) } as const]
  return { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns, tools: [], sampling: {} }
}

describe('of 100,000 seals that were altered', () => {
  it('none is sent on, none is opened, and each is told as a loss', () => {
    const random = generator(20_261)
    const seals = [...originals.map((block) => keeper.seal(block)), ...originals.map((block) => stranger.seal(block))]
    const known = new Set(seals)
    const count = { refused: 0, same: 0 }
    for (let number = 0; number < 100_000; number++) {
      const seal = seals[random(seals.length)] ?? ''
      const mutation = mutations[number % mutations.length] as Mutation
      const text = mutation(seal, random)
      if (known.has(text)) {
        count.same++
        continue
      }
      const value = random(4) === 0 ? sealToBase64(text) : text
      const losses = new LossSink()
      // A caller of the provider's own protocol: what does not look like a seal any more is the caller's own value there, for its vendor to judge.
      const sameProtocol = number % 5 === 0 && isGatewaySeal(value)
      const { turns } = openSeals(turnWith(value, number % 3), { target: sameProtocol ? 'caller' : 'wire', keeper, losses, sameProtocol })
      const sent = JSON.stringify(turns)
      if (sent.includes('sealed') || sent.includes(secret) || losses.losses.length !== 1) throw new Error(`${JSON.stringify(value)} became ${sent}`)
      count.refused++
    }
    expect(count.refused).toBeGreaterThan(90_000)
    expect(count.refused + count.same).toBe(100_000)
  })
})
