import { createHmac } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { isGatewaySeal, type SealableBlock, sealFromBase64, sealToBase64 } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { GatewaySeals } from '../../../../plugins/seal/signed-seals/gateway-seals.ts'
import { createSealKey, keysOf } from '../../../../plugins/seal/signed-seals/seal-key.ts'

const bytes = Buffer.alloc(32, 1)
const seals = new GatewaySeals(() => keysOf(bytes))
const keeper = seals.keeperFor('one', 'account', 'wire')

const thoughts: SealableBlock = {
  type: 'reasoning',
  text: 'Hm. '.repeat(40),
  summary: true,
  sealed: { issuer: 'wire', value: 'c2lnbmF0dXJl'.repeat(20) },
  ext: { wire: { id: 'rs_1', status: null, list: [], $wire: { unset: { content: null } } } },
}

/** A seal of our own making, to see what is refused although its signature is right. */
function forge(header: string, payload: Buffer, key = createSealKey(bytes)): string {
  const signed = `tkl1.${key.id}.${Buffer.from(header).toString('base64url')}.${payload.toString('base64url')}`
  return `${signed}.${createHmac('sha256', key.secret).update(signed).digest('base64url')}`
}

const headerOf = (seal: string) => Buffer.from(seal.split('.')[2] ?? '', 'base64url').toString()

describe('a seal', () => {
  it('holds the whole block, and gives it back to its issuer', () => {
    const blocks: SealableBlock[] = [
      thoughts,
      { type: 'reasoning', text: '', redacted: true, sealed: { issuer: 'wire', value: 'x' } },
      { type: 'tool-call', id: 'c', name: 'ü', argumentsText: '', form: 'json', executedBy: 'client', sealed: { issuer: 'wire', value: '\ud800' } },
      { type: 'text', text: 'Yes.', annotations: [{ protocol: 'wire', value: [1, null] }], sealed: { issuer: 'wire', value: 's' } },
    ]
    for (const block of blocks) expect(keeper.open(keeper.seal(block))).toEqual(block)
    expect(keeper.open(seals.keeperFor('one', 'account', 'wire').seal(thoughts))).toEqual(thoughts)
  })

  it('that its issuer does not take back is known as such to every keeper of that issuer, in both forms, and no other seal is', () => {
    const gateway = new GatewaySeals(() => keysOf(bytes))
    const again = () => gateway.keeperFor('one', 'account', 'wire')
    const [seal, other] = [again().seal({ type: 'text', text: 'a', sealed: { issuer: 'wire', value: 'v' } }), again().seal(thoughts)]
    again().refuse?.(sealToBase64(seal))
    expect([again().open(seal), again().open(sealToBase64(seal)), again().open(other)]).toEqual(['refused', 'refused', thoughts])
    expect(gateway.keeperFor('two', 'account', 'wire').open(seal)).toBe('foreign')
  })

  it('consists of five parts without anything that a JSON string or a header would escape', () => {
    const seal = keeper.seal(thoughts)
    expect(seal).toMatch(/^tkl1\.[\w-]{8}\.[\w-]+\.[\w-]+\.[\w-]{43}$/)
    expect(isGatewaySeal(seal)).toBe(true)
    expect(seal.split('.')[1]).toBe(createSealKey(bytes).id)
  })

  it('names provider and protocol, but not the account', () => {
    const header = headerOf(keeper.seal(thoughts))
    expect(header.split('\0')).toEqual(['rd', 'one', expect.stringMatching(/^[\w-]{12}$/), 'wire'])
    expect(headerOf(seals.keeperFor('one', 'another', 'wire').seal(thoughts))).not.toBe(header)
    expect(headerOf(keeper.seal({ type: 'text', text: '' })).slice(0, 2)).toMatch(/^t[dj]$/)
  })

  it.each([
    ['two', 'account', 'wire'],
    ['one', 'another', 'wire'],
    ['one', 'account', 'other'],
  ] as const)('is foreign to %s, %s, %s', (provider, account, protocol) => {
    expect(seals.keeperFor(provider, account, protocol).open(keeper.seal(thoughts))).toBe('foreign')
  })

  it('of another gateway is broken', () => {
    const elsewhere = new GatewaySeals(() => keysOf(Buffer.alloc(32, 2)))
    expect(elsewhere.keeperFor('one', 'account', 'wire').open(keeper.seal(thoughts))).toBe('broken')
  })

  it('under an older key is opened, and a new one is made under the current key', () => {
    const older = createSealKey(bytes)
    const rotated = new GatewaySeals(() => ({ current: createSealKey(Buffer.alloc(32, 2)), older: new Map([[older.id, older]]) }))
    const next = rotated.keeperFor('one', 'account', 'wire')
    expect(next.open(keeper.seal(thoughts))).toEqual(thoughts)
    expect(keeper.open(next.seal(thoughts))).toBe('broken')
  })

  it('in base64 is opened too, for slots that hold bytes', () => {
    const seal = keeper.seal(thoughts)
    const encoded = sealToBase64(seal)
    expect(encoded).toMatch(/^[A-Za-z0-9+/]+=*$/)
    expect(isGatewaySeal(encoded)).toBe(true)
    expect(sealFromBase64(encoded)).toBe(seal)
    expect(keeper.open(encoded)).toEqual(thoughts)
    // What a client makes of it that reads bytes and writes base64url.
    expect(keeper.open(Buffer.from(encoded, 'base64').toString('base64url'))).toEqual(thoughts)
    expect([sealToBase64('c2ln'), sealFromBase64('c2ln')]).toEqual(['c2ln', 'c2ln'])
  })

  it('asks for the keys once, and not before something is sealed', () => {
    let loaded = 0
    const lazy = new GatewaySeals(() => {
      loaded++
      return keysOf(bytes)
    })
    const one = lazy.keeperFor('one', 'account', 'wire')
    expect([one.open('no seal'), loaded]).toEqual(['broken', 0])
    one.seal(thoughts)
    lazy.keeperFor('two', 'account', 'wire').seal(thoughts)
    expect(loaded).toBe(1)
  })
})

describe('what is no seal', () => {
  it('is broken, whatever was changed in one, and never throws', () => {
    const seal = keeper.seal(thoughts)
    const place = fc.nat({ max: seal.length })
    const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constantFrom('.', '=', '-', '_', 'A', '\0', ' ', '\ud800', seal))
    const changed = fc.oneof(
      fc.tuple(place, fc.nat({ max: 3 }), piece).map(([at, cut, text]) => seal.slice(0, at) + text + seal.slice(at + cut)),
      fc.tuple(place, place).map(([from, to]) => seal.slice(from, to)),
      fc.shuffledSubarray(seal.split('.')).map((parts) => parts.join('.')),
      fc.string({ unit: 'binary' }).map((text) => `tkl1.${text}`),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(changed, (text) => {
        fc.pre(text !== seal)
        expect(keeper.open(text)).toBe('broken')
      }),
      { numRuns: 10_000 },
    )
  })

  it('is broken with any one character changed', () => {
    const seal = keeper.seal({ type: 'text', text: 'a', sealed: { issuer: 'wire', value: 's' } })
    const opened: string[] = []
    for (let at = 0; at < seal.length; at++)
      for (const other of 'AQgw.-_09z=') {
        const changed = `${seal.slice(0, at)}${other}${seal.slice(at + 1)}`
        if (changed !== seal && keeper.open(changed) !== 'broken') opened.push(changed)
      }
    expect(opened).toEqual([])
  })

  it('is broken although it is signed, when its content is no block of the type that it names', () => {
    const issuer = headerOf(keeper.seal(thoughts)).slice(2)
    const json = (value: unknown) => Buffer.from(JSON.stringify(value))
    const text = { type: 'text', text: 'a' }
    expect(keeper.open(forge(`tj${issuer}`, json(text)))).toEqual(text)
    expect(keeper.open(forge(`td${issuer}`, deflateRawSync(json(text))))).toEqual(text)
    for (const [form, payload] of [
      ['rj', json(text)],
      ['tj', json({ type: 'media' })],
      ['tj', json(null)],
      ['tj', Buffer.from('{')],
      ['td', json(text)],
      ['tx', json(text)],
      ['', json(text)],
    ] as const)
      expect(keeper.open(forge(`${form}${issuer}`, payload))).toBe('broken')
    expect(keeper.open(forge('', json(text)))).toBe('foreign')
  })

  it('is broken when it would be inflated beyond 1 MiB', () => {
    const issuer = headerOf(keeper.seal(thoughts)).slice(2)
    const block = Buffer.from(JSON.stringify({ type: 'text', text: 'a'.repeat(1024 * 1024) }))
    expect(keeper.open(forge(`td${issuer}`, deflateRawSync(block)))).toBe('broken')
  })
})

it('a block of more than 1 MiB is sealed without being deflated', () => {
  const large: SealableBlock = { ...thoughts, text: 'a'.repeat(1024 * 1024) } as SealableBlock
  const seal = keeper.seal(large)
  expect(seal.length).toBeGreaterThan(1024 * 1024)
  expect(headerOf(seal).slice(0, 2)).toBe('rj')
  expect(keeper.open(seal)).toEqual(large)
})
