import { randomBytes } from 'node:crypto'
import { type Block, type Conversation, LossSink, type Reply } from 'tokligence'
import { beforeEach, describe, expect, it } from 'vitest'
import { openSeals } from '../../../../core/conversation/open-seals.ts'
import { closeSeals } from '../../../../core/conversation/seal-steps.ts'
import { GatewaySeals } from '../../../../plugins/seal/signed-seals/gateway-seals.ts'
import { LargeSeals } from '../../../../plugins/seal/signed-seals/large-seals.ts'
import { SealCopies } from '../../../../plugins/seal/signed-seals/seal-copies.ts'
import { keysOf } from '../../../../plugins/seal/signed-seals/seal-key.ts'
import { call, keeper, sealed, text, thoughts } from '../../../core/conversation/sealed-blocks.ts'
import { RememberingStore } from '../../../e2e/loops/remembering-store.ts'

const target = { provider: 'p', account: 'a', protocol: 'issuer', model: 'm' }
const calls = (...ids: string[]) => ids.map((id) => call(id))

let store: RememberingStore
let copies: SealCopies
beforeEach(() => {
  store = new RememberingStore()
  copies = new SealCopies(store, new LargeSeals(), 60_000)
})

/** Nothing was said before. */
const asked = conversationOf([])

const keep = (...blocks: Block[]) => {
  const reply: Reply = { candidates: [{ blocks, finish: { reason: 'tool-calls' } }] }
  return copies.keep(closeSeals(reply, { keeper, losses: new LossSink(), marksThoughts: false }), target, asked, 'alice')
}

/** What its issuer gets of a turn: the words of texts and thoughts, and the ids of calls. */
async function restored(...blocks: Block[]) {
  const losses = new LossSink()
  const { turns } = openSeals(await copies.restore(conversationOf(blocks), target, 'alice'), { target: 'issuer', keeper, losses })
  const said = turns.flatMap(({ blocks: opened }) => opened.map((block) => (block.type === 'tool-call' ? block.id : 'text' in block ? block.text : block.type)))
  return { said: said.join(' '), losses: losses.losses.length }
}

describe('seals that are put back', () => {
  beforeEach(() => keep(thoughts('A'), text('t'), thoughts('B'), call('c1'), thoughts('C'), call('c2'), thoughts('D')))

  it('stand where they stood, those behind the last call too', async () => {
    expect(await restored(text('t'), ...calls('c1', 'c2'))).toEqual({ said: 'A t B c1 C c2 D', losses: 0 })
  })

  it('stand as near as can be to where they stood, when the client has left out the call beside them', async () => {
    expect(await restored(...calls('c1'))).toEqual({ said: 'A B c1 C D', losses: 0 })
  })

  it('are those that are missing', async () => {
    const { said } = await restored(text('t'), call('c1', { sealed: { issuer: 'caller', value: keeper.seal(thoughts('B')) } }), call('c2'))
    expect(said).toBe('A t B c1 C c2 D')
  })
})

it('the seal of a call that the client has left out is told as a loss', async () => {
  await keep(call('c1'), call('c2', { sealed: { issuer: 'issuer', value: 's' } }))
  expect(await restored(...calls('c1'))).toEqual({ said: 'c1', losses: 1 })
})

it('a copy in another form is left alone', async () => {
  const id = 'call_0123456789abcdef'
  await store.put('alice', [{ key: `seal:${id}`, value: JSON.stringify({ ...target, seals: [{ seal: 'x', type: 'reasoning', before: null }] }), expiresAt: 1 }])
  expect(await restored(...calls(id))).toEqual({ said: id, losses: 0 })
})

describe('a seal that is too long for a caller', () => {
  const seals = (large: LargeSeals) => new GatewaySeals(() => keysOf(Buffer.alloc(32, 1)), large).keeperFor('p', 'a', 'issuer')
  const long: Reply = {
    candidates: [{ blocks: [thoughts('Hm.', { sealed: sealed(randomBytes(300_000).toString('base64')) })], finish: { reason: 'stop' } }],
  }

  /** Who keeps the same reply, and what each is given back for the reference in it: the length of the seal, or of the reference. */
  async function kept(...principals: readonly string[]) {
    const large = new LargeSeals()
    const both = new SealCopies(store, large, 60_000)
    const replies = principals.map(() => closeSeals(long, { keeper: seals(large), losses: new LossSink(), marksThoughts: false }))
    for (const [index, reply] of replies.entries()) await both.keep(reply, target, asked, principals[index]).catch(() => undefined)
    store.failure = undefined
    return (principal: string) => both.restore(conversationOf(replies[0]?.candidates[0]?.blocks ?? []), target, principal)
  }
  const lengthOf = ({ turns }: Conversation) => JSON.stringify(turns).length

  it('is kept for everybody whose reply holds it', async () => {
    const restore = await kept('alice', 'bob')
    expect(store.entries.size).toBe(2)
    for (const principal of ['alice', 'bob']) expect(lengthOf(await restore(principal))).toBeGreaterThan(400_000)
    expect(lengthOf(await restore('carol'))).toBeLessThan(1_000)
  })

  it('is given back by the process that made it when the store could not keep it, and to nobody else', async () => {
    store.failure = new Error('The store is away.')
    const restore = await kept('alice')
    expect(store.entries.size).toBe(0)
    expect(lengthOf(await restore('alice'))).toBeGreaterThan(400_000)
    expect(lengthOf(await restore('bob'))).toBeLessThan(1_000)
  })
})

function conversationOf(blocks: readonly Block[]): Conversation {
  const turn = { role: 'assistant', form: 'blocks', blocks } as const
  return { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns: [turn], tools: [], sampling: {} }
}
