import type { SealableBlock } from 'tokligence'
import { describe, expect, it, vi } from 'vitest'
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
    expect([large.claim(reference, 'alice'), large.claim(reference, 'bob')]).toEqual([seal('a'), seal('a')])
    expect(['alice', 'bob', 'carol'].map((principal) => large.claimedBy(principal, reference)?.length)).toEqual([longestSent + 1, longestSent + 1, undefined])
  })

  it('is one of more than 256 KiB', () => {
    const large = new LargeSeals()
    expect(large.shorten(seal('a', longestSent))).toBe(seal('a', longestSent))
    expect(referredKey('tkl1.key.header.payload.signature')).toBeUndefined()
  })

  it('waits no longer when too many wait behind it, those that are kept go first, and that any other is lost is told', () => {
    const lost: string[] = []
    const large = new LargeSeals((reference) => lost.push(reference))
    const length = 30 * 1024 * 1024
    const [a = '', b = ''] = ['a', 'b'].map((letter) => large.shorten(seal(letter, length)))
    large.kept(b)
    const c = large.shorten(seal('c', length))
    expect([a, b, c].map((reference) => large.claim(reference, 'alice')?.length)).toEqual([length, undefined, length])
    expect(lost).toEqual([])
    const d = large.shorten(seal('d', length))
    expect([a, c, d].map((reference) => large.claim(reference, 'alice')?.length)).toEqual([undefined, length, length])
    expect(lost).toEqual([a])
  })

  it('is forgotten a minute after it was kept, when the next one comes', () => {
    vi.useFakeTimers()
    try {
      const large = new LargeSeals()
      const [kept, waiting] = [large.shorten(seal('a')), large.shorten(seal('b'))]
      large.kept(kept)
      vi.advanceTimersByTime(60_001)
      expect(large.claim(kept, 'alice')).toBeDefined()
      large.shorten(seal('c'))
      expect([large.claim(kept, 'alice'), large.claim(waiting, 'alice')]).toEqual([undefined, seal('b')])
    } finally {
      vi.useRealTimers()
    }
  })

  it('cannot be opened by its reference, and is sent whole where nothing can be kept', () => {
    const block: SealableBlock = { type: 'reasoning', text: '', sealed: { issuer: 'wire', value: 'x'.repeat(2 * 1024 * 1024) } }
    const keeperOf = (large?: LargeSeals) => new GatewaySeals(() => keysOf(Buffer.alloc(32, 1)), large).keeperFor('one', 'account', 'wire')
    const large = new LargeSeals()
    const reference = keeperOf(large).seal(block)
    expect(keeperOf(large).open(reference)).toBe('broken')
    expect(keeperOf().seal(block)).toBe(large.claim(reference, 'alice'))
  })
})
