import { type Conversation, type JsonObject, LossSink, type Protocol, type Provider, type RouteTarget } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { identityBody } from '../../../core/egress/make-body.ts'
import type { Generation } from '../../../core/generation.ts'
import type { GatewayRequest } from '../../../core/request.ts'
import { carrying, keeper, otherKeeper, thoughts } from '../conversation/sealed-blocks.ts'
import { toyProtocol } from '../toy-protocol.ts'

/** Its request is `{model, thoughts: [text, seal][]}`. */
const protocol: Protocol = {
  ...toyProtocol('issuer'),
  decodeRequest: (body) => ({
    model: String(body.model),
    stream: false,
    instructions: [],
    instructionsForm: 'none',
    turns: (body.thoughts as [string, string][]).map(([text, value]) => ({
      role: 'assistant',
      form: 'blocks',
      blocks: [carrying({ type: 'reasoning', text }, value)].map((block) => ({ ...block, sealed: { issuer: 'issuer', value } })),
    })),
    tools: [],
    sampling: {},
  }),
  encodeRequest: ({ model, turns }) => ({
    model,
    thoughts: turns.flatMap(({ blocks }) => blocks.map((block) => (block.type === 'reasoning' ? [block.text, block.sealed?.value ?? null] : []))),
  }),
}

function made(body: JsonObject | string, operation = 'generate', target = 'm', refused = false) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const losses = new LossSink()
  let decoded: Conversation | undefined
  const call = { operation, body: bytes, params: {}, query: new URLSearchParams(), headers: {} }
  const request = {
    ...call,
    call,
    peek: protocol.peek(call),
    rewritten: false,
    get conversation(): Conversation {
      decoded ??= protocol.decodeRequest(JSON.parse(bytes.toString()) as JsonObject, call)
      return decoded
    },
  } as unknown as GatewayRequest
  const generation = { facts: () => ({}) } as unknown as Generation
  const provider = { streamUsage: true } as Provider
  const result = identityBody({ generation, request, provider, losses, seals: keeper, refused }, protocol, {
    provider: 'provider',
    model: target,
  } as RouteTarget)
  return { ...result, bytes, decoded, losses: losses.losses.map(({ feature, severity }) => `${feature} ${severity}`) }
}

describe('a caller’s own bytes', () => {
  it('go on untouched and undecoded when no seal is in them', () => {
    const { body, bytes, decoded } = made('{ "model": "m", "thoughts": [] }')
    expect(body).toBe(bytes)
    expect(decoded).toBeUndefined()
  })

  it('go on untouched when they only look as if there were a seal in them', () => {
    for (const text of ['tkl1. stands here', 'dGtsMS4 stands here']) {
      const { body, bytes, losses } = made(`{ "model": "m", "thoughts": [["${text}", "raw"]] }`)
      expect(body).toBe(bytes)
      expect(losses).toEqual([])
    }
  })

  it('are written anew with what the issuer gave in place of its seals', () => {
    const { body, losses } = made({ model: 'm', thoughts: [['Shown.', keeper.seal(thoughts('Hm.'))]] }, 'generate', 'real')
    expect(JSON.parse(body.toString())).toEqual({ model: 'real', thoughts: [['Hm.', 'signature']] })
    expect(losses).toEqual([])
  })

  it('keep what a vendor gave beside what another provider sealed, but not beside the provider’s own seals, which tell that it refused it', () => {
    const raw = ['Own.', 'raw']
    const beside = (seal: string) => made({ model: 'm', thoughts: [raw, ['Shown.', seal]] })
    const foreign = beside(otherKeeper.seal(thoughts('Hm.')))
    expect([JSON.parse(foreign.body.toString()), foreign.session]).toEqual([{ model: 'm', thoughts: [raw] }, undefined])
    const own = beside(keeper.seal(thoughts('Hm.')))
    expect(JSON.parse(own.body.toString())).toEqual({ model: 'm', thoughts: [['Hm.', 'signature']] })
    expect(own.losses).toEqual(['reasoning-seal hint'])
    expect(own.session).toBeDefined()
  })

  it.each(['generate', 'count-tokens', 'compact'])(
    'lose every opaque value once the provider has refused one, and no reply but a whole one is sealed: %s',
    (operation) => {
      const body = {
        model: 'm',
        thoughts: [
          ['Own.', 'raw'],
          ['Shown.', keeper.seal(thoughts('Hm.'))],
          ['Said.', otherKeeper.seal(thoughts('Hm.'))],
        ],
      } as JsonObject
      const { session, losses, ...rest } = made(body, operation, 'm', true)
      expect(JSON.parse(rest.body.toString())).toEqual({ model: 'm', thoughts: [] })
      expect(losses).toEqual(['reasoning-seal hint', 'reasoning-seal hint', 'reasoning-seal hint'])
      expect(session !== undefined).toBe(operation === 'generate')
    },
  )

  it.each(['generate', 'count-tokens'])('are written anew without what another provider sealed, in whichever form, and that is a loss: %s', (operation) => {
    const seal = otherKeeper.seal(thoughts('Hm.'))
    for (const value of [seal, Buffer.from(seal).toString('base64'), `${seal}x`]) {
      const { body, losses } = made({ model: 'm', thoughts: [['Shown.', value]] }, operation)
      expect(JSON.parse(body.toString())).toEqual({ model: 'm', thoughts: [] })
      expect(losses).toEqual(['reasoning-seal hint'])
    }
  })

  it('of operations that hold no conversation are not looked into', () => {
    const { body, bytes, decoded } = made({ model: 'm', input: 'tkl1.' }, 'embed')
    expect([body, decoded]).toEqual([bytes, undefined])
  })
})
