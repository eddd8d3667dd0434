import { type Conversation, type EncodeReplyOptions, type JsonObject, LossSink, type Protocol, type Reply, type ReplyEvent, viaConversation } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { sealedIdentity } from '../../../core/conversation/via-conversation.ts'
import { toyProtocol } from '../toy-protocol.ts'
import { call, keeper, otherKeeper, sealed } from './sealed-blocks.ts'

const support = { name: /^[a-z_]+$/, longestName: 64, namespaces: false, freeform: 'never' } as const

/** Protocols that write the neutral form as it is, so that a test sees what reaches a codec. */
const plain = (id: string, more: Partial<Protocol> = {}): Protocol => ({
  ...toyProtocol(id),
  encodeRequest: (conversation) => ({ turns: conversation.turns, tools: conversation.tools }) as unknown as JsonObject,
  encodeReply: (reply) => reply.candidates[0]?.blocks as unknown as JsonObject,
  createStreamEncoder: () => ({ push: (event) => `${JSON.stringify(event)}\n` }),
  ...more,
})

const conversation: Conversation = {
  model: 'm',
  stream: false,
  instructions: [],
  instructionsForm: 'none',
  turns: [],
  tools: [{ type: 'freeform', name: 'patch', namespace: 'edit' }],
  sampling: {},
}
const given = call('c1', { name: 'edit__patch', argumentsText: '{"input":"a"}', sealed: sealed() })
const restored = { ...given, name: 'patch', namespace: 'edit', form: 'text', argumentsText: 'a' }

function opened(from: Protocol, to: Protocol, turns: Conversation['turns'] = [], rules = {}, seals = keeper) {
  const losses = new LossSink()
  const session = viaConversation(from, to, rules).open()
  const options: EncodeReplyOptions = { losses, conversation, estimatedInput: 1, replyId: 'r', seals }
  return { session, options, body: session.encodeRequest({ ...conversation, turns }, { losses, facts: {}, seals }), losses: losses.losses }
}

describe('the steps of a translation', () => {
  const to = plain('issuer', { tools: support })
  const reply: Reply = { candidates: [{ blocks: [given], finish: { reason: 'tool-calls' } }] }

  it('close seals before tools get the caller’s names: a seal holds what the provider said', () => {
    const { session, options } = opened(plain('caller'), to)
    const [block] = session.encodeReply(reply, options) as unknown as (typeof given)[]
    expect({ ...block, sealed: given.sealed }).toEqual(restored)
    expect(keeper.open(block?.sealed?.value ?? '')).toEqual({ ...given, argumentsText: '' })
  })

  it('do the same to a stream', () => {
    const { session, options } = opened(plain('caller'), to)
    const encoder = session.createStreamEncoder(options)
    const events: ReplyEvent[] = [
      { type: 'block-start', index: 0, block: { ...given, argumentsText: '{"in' } },
      { type: 'block-delta', index: 0, delta: { type: 'text', text: 'put":"a"}' } },
      { type: 'block-end', index: 0 },
    ]
    const written = events.map((event) => encoder.push(event)).join('')
    const [start, delta] = written.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)))
    expect({ ...start.block, sealed: given.sealed }).toEqual({ ...restored, argumentsText: '' })
    expect(keeper.open(start.block.sealed.value)).toEqual({ ...given, argumentsText: '' })
    expect(delta).toEqual({ type: 'block-delta', index: 0, delta: { type: 'text', text: 'a' } })
  })

  it('of a request come in their order: seals, what only the caller’s vendor means, rules, tools', () => {
    const seen: string[] = []
    const note = (step: string) => (conversation: Conversation) => {
      const block = conversation.turns[0]?.blocks[0]
      seen.push(`${step}: ${block?.type === 'tool-call' ? `${block.name} ${block.sealed?.value}` : ''}`)
      return conversation
    }
    const seal = keeper.seal({ ...given, argumentsText: '' })
    const turns: Conversation['turns'] = [{ role: 'assistant', form: 'blocks', blocks: [{ ...restored, sealed: { issuer: 'caller', value: seal } } as never] }]
    const { body } = opened(plain('caller', { settle: note('settle') }), to, turns, { request: note('rules') })
    expect(seen).toEqual(['settle: patch signature', 'rules: patch signature'])
    expect(body).toMatchObject({ turns: [{ blocks: [given] }], tools: [{ type: 'function', name: 'edit__patch' }] })
  })

  it('never give one provider what another one sealed', () => {
    const turns: Conversation['turns'] = [
      { role: 'assistant', form: 'blocks', blocks: [{ ...given, sealed: { issuer: 'caller', value: otherKeeper.seal(given) } }] },
    ]
    const { body, losses } = opened(plain('caller'), to, turns)
    expect(JSON.stringify(body)).not.toContain('tkl1.')
    expect(losses.map(({ feature }) => feature)).toContain('reasoning-seal')
  })

  it('take opaque values out, both ways, where nobody makes seals', () => {
    const losses = new LossSink()
    const session = viaConversation(plain('caller'), plain('issuer')).open()
    const turns: Conversation['turns'] = [
      { role: 'assistant', form: 'blocks', blocks: [{ ...given, sealed: { issuer: 'caller', value: keeper.seal(given) } }] },
    ]
    const body = session.encodeRequest({ ...conversation, turns }, { losses, facts: {} })
    const options: EncodeReplyOptions = { losses, conversation, estimatedInput: 1, replyId: 'r' }
    const events: readonly ReplyEvent[] = [{ type: 'block-start', index: 0, block: given }]
    const encoder = session.createStreamEncoder(options)
    for (const written of [body, session.encodeReply(reply, options), events.map((event) => encoder.push(event))])
      expect(JSON.stringify(written)).not.toMatch(/sealed|signature|tkl1/)
    expect(losses.losses.map(({ path, feature, severity }) => `${path} ${feature} ${severity}`)).toEqual([
      'messages[0].content[0] reasoning-seal hint',
      'blocks[0] reasoning-seal hint',
    ])
  })

  it('leave the replies of one protocol as they are', () => {
    const both = plain('issuer', { tools: support })
    const options: EncodeReplyOptions = { losses: new LossSink(), conversation, estimatedInput: 1, replyId: 'r' }
    const session = viaConversation(both, both).open()
    expect(session.encodeReply(reply, options)).toEqual([given])
    expect(session.createStreamEncoder(options).push({ type: 'block-start', index: 0, block: given })).toContain('"signature"')
    expect(options.losses.losses).toEqual([])
  })

  it('close the seals of one protocol where it is not known whose its opaque values are, and mark nothing', () => {
    const both = plain('issuer', { signsThoughts: true, signsCalls: true, tools: support })
    const options: EncodeReplyOptions = { losses: new LossSink(), conversation, estimatedInput: 1, replyId: 'r', seals: keeper }
    const session = sealedIdentity(both)
    const unsigned = call('c2')
    const [block, other] = session.encodeReply(
      { candidates: [{ blocks: [given, unsigned], finish: { reason: 'stop' } }] },
      options,
    ) as never as (typeof given)[]
    expect(keeper.open(block?.sealed?.value ?? '')).toEqual({ ...given, argumentsText: '' })
    expect(other).toEqual(unsigned)
    const line = session.createStreamEncoder(options).push({ type: 'block-start', index: 0, block: given })
    expect(keeper.open(JSON.parse(line).block.sealed.value)).toEqual({ ...given, argumentsText: '' })
  })

  it('are not taken where both sides are one protocol, but for the seals', () => {
    const both = plain('issuer', { tools: support, settle: () => expect.unreachable() })
    const block = { ...restored, sealed: { issuer: 'issuer', value: keeper.seal(given) } } as never
    const { body } = opened(both, both, [{ role: 'assistant', form: 'blocks', blocks: [block] }])
    expect(body).toEqual({ turns: [{ role: 'assistant', form: 'blocks', blocks: [restored] }], tools: conversation.tools })
  })
})
