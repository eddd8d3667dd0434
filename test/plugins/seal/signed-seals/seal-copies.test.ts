import { type Block, type Conversation, LossSink, type Reply } from 'tokligence'
import { beforeEach, describe, expect, it } from 'vitest'
import { openSeals } from '../../../../core/conversation/open-seals.ts'
import { closeSeals } from '../../../../core/conversation/seal-steps.ts'
import { LargeSeals } from '../../../../plugins/seal/signed-seals/large-seals.ts'
import { SealCopies } from '../../../../plugins/seal/signed-seals/seal-copies.ts'
import { call, keeper, text, thoughts } from '../../../core/conversation/sealed-blocks.ts'
import { RememberingStore } from '../../../e2e/loops/remembering-store.ts'

const target = { provider: 'p', account: 'a', protocol: 'issuer', model: 'm' }
const calls = (...ids: string[]) => ids.map((id) => call(id))

let store: RememberingStore
let copies: SealCopies
beforeEach(() => {
  store = new RememberingStore()
  copies = new SealCopies(store, new LargeSeals(), 60_000)
})

const keep = (...blocks: Block[]) => {
  const reply: Reply = { candidates: [{ blocks, finish: { reason: 'tool-calls' } }] }
  return copies.keep(closeSeals(reply, { keeper, losses: new LossSink(), marksThoughts: false }), target, 'alice')
}

/** What its issuer gets of a turn: the words of texts and thoughts, and the ids of calls. */
async function restored(...blocks: Block[]) {
  const losses = new LossSink()
  const turn = { role: 'assistant', form: 'blocks', blocks } as const
  const given: Conversation = { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns: [turn], tools: [], sampling: {} }
  const { turns } = openSeals(await copies.restore(given, target, 'alice'), { target: 'issuer', keeper, losses })
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
  await store.put('alice', [{ key: 'seal:c1', value: JSON.stringify({ ...target, seals: [{ seal: 'x', type: 'reasoning', before: null }] }), expiresAt: 1 }])
  expect(await restored(...calls('c1'))).toEqual({ said: 'c1', losses: 0 })
})
