import type { SealableBlock } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { GatewaySeals } from '../../../../plugins/seal/signed-seals/gateway-seals.ts'
import { LargeSeals, longestSent, referredKey } from '../../../../plugins/seal/signed-seals/large-seals.ts'
import { keysOf } from '../../../../plugins/seal/signed-seals/seal-key.ts'

const seal = (letter: string, length = longestSent + 1) => letter.repeat(length)

describe('a seal that is too long', () => {
  it('is referred to, always in the same words, and waits once', () => {
    const large = new LargeSeals()
    const reference = large.shorten(seal('a'))
    expect(reference).toMatch(/^tkl1\.kept\.[\w-]{43}$/)
    expect([large.shorten(seal('a')), large.shorten(seal('b')) === reference]).toEqual([reference, false])
    expect(referredKey(reference)).toBe(`seal:${reference.slice('tkl1.kept.'.length)}`)
    expect([large.take(reference), large.take(reference)]).toEqual([seal('a'), undefined])
  })

  it('is one of more than 256 KiB', () => {
    const large = new LargeSeals()
    expect(large.shorten(seal('a', longestSent))).toBe(seal('a', longestSent))
    expect(referredKey('tkl1.key.header.payload.signature')).toBeUndefined()
  })

  it('waits no longer when too many wait behind it', () => {
    const large = new LargeSeals()
    const length = 30 * 1024 * 1024
    const references = ['a', 'b', 'c'].map((letter) => large.shorten(seal(letter, length)))
    expect(references.map((reference) => large.take(reference)?.length)).toEqual([undefined, length, length])
  })

  it('cannot be opened by its reference, and is sent whole where nothing can be kept', () => {
    const block: SealableBlock = { type: 'reasoning', text: '', sealed: { issuer: 'wire', value: 'x'.repeat(2 * 1024 * 1024) } }
    const keeperOf = (large?: LargeSeals) => new GatewaySeals(() => keysOf(Buffer.alloc(32, 1)), large).keeperFor('one', 'account', 'wire')
    const large = new LargeSeals()
    const reference = keeperOf(large).seal(block)
    expect(keeperOf(large).open(reference)).toBe('broken')
    expect(keeperOf().seal(block)).toBe(large.take(reference))
  })
})
