import type { PromptPart, Usage } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { fingerprint, firstDifference, shareBefore, shortened } from '../../../../plugins/detector/prefix-watch/fingerprint.ts'
import { History, type Remembered } from '../../../../plugins/detector/prefix-watch/history.ts'
import { lostTokens } from '../../../../plugins/detector/prefix-watch/lost-tokens.ts'

const limits = { conversations: 3, within: 60_000 }

function parts(...texts: readonly string[]): readonly PromptPart[] {
  return texts.map((text, index) => ({ path: `turns[${index}]`, text, turn: true }))
}

function request(texts: readonly string[], fields: Partial<Remembered> = {}): Remembered {
  const print = fingerprint(parts(...texts))
  return { scope: 's', asked: print, sent: print, at: Date.now(), usage: undefined, estimatedInput: 1_000, changedBy: [], warned: new Set(), ...fields }
}

const long = (name: string) => name.padEnd(250, '.')

describe('a fingerprint', () => {
  it('keeps no text, and no more parts than it may', () => {
    const print = fingerprint(parts('a secret', 'another'))
    expect(JSON.stringify(print)).not.toContain('secret')
    const short = shortened(print, 1)
    expect([short.hashes.length, short.lengths.length, short.turns.length, short.whole]).toEqual([1, 1, 1, false])
    expect([short.characters, short.lastTurn]).toEqual([print.characters, print.lastTurn])
    // A view would keep the whole of it.
    expect(short.hashes.buffer.byteLength).toBe(8)
    expect(shortened(print, 2)).toBe(print)
  })

  it('differs where a part is another one, and where it is cut off', () => {
    const print = fingerprint(parts('a', 'b', 'c'))
    expect(firstDifference(print, fingerprint(parts('a', 'b', 'c', 'd')))).toBeUndefined()
    expect(firstDifference(print, fingerprint(parts('a', 'x', 'c', 'd')))).toBe(1)
    expect(firstDifference(print, fingerprint(parts('a', 'b')))).toBe(2)
    expect([shareBefore(print, 0), shareBefore(print, 3)]).toEqual([0, 1])
    expect(shareBefore(fingerprint(parts('aaa', 'b')), 1)).toBe(0.75)
    expect(shareBefore(fingerprint(parts('')), 0)).toBe(0)
  })
})

describe('a history', () => {
  it('finds the request with the longest common beginning, and of equals the newest', () => {
    const history = new History()
    const near = request([long('one'), long('two'), long('end')])
    const far = request([long('else'), long('two'), long('end')])
    history.remember(near, limits)
    history.remember(far, limits)
    const next = fingerprint(parts(long('one'), long('two'), long('end'), 'more'))
    expect(history.find('s', next, 1_000)).toBe(near)
    expect(history.find('other', next, 1_000)).toBeUndefined()
    const twins = ['x', 'y'].map((changed) => request([changed, long('two'), long('three'), long('last')]))
    for (const twin of twins) history.remember(twin, limits)
    expect(history.find('s', fingerprint(parts('z', long('two'), long('three'), long('last'), 'more')), 1_000)).toBe(twins[1])
  })

  it('puts a request in the place of the one before, and of one that was the same', () => {
    const history = new History()
    const first = request(['a'])
    history.remember(first, limits)
    history.remember(request(['a', 'b', 'c']), limits, first)
    history.remember(request(['a', 'b', 'c']), limits)
    expect(history.size).toBe(1)
  })

  it('holds no more conversations than it may, and none that is too old', () => {
    const history = new History()
    for (let index = 0; index < 10; index++) history.remember(request([`talk ${index}`]), limits)
    expect(history.size).toBe(3)
    history.remember(request(['old'], { at: Date.now() - 100 }), { ...limits, conversations: 100 })
    history.remember(request(['new']), { conversations: 100, within: 50 })
    expect(history.find('s', fingerprint(parts('old', 'b')), 50)).toBeUndefined()
    history.clear()
    expect(history.size).toBe(0)
  })

  it('holds few that end with the same turn, the newest', () => {
    const history = new History()
    const many = Array.from({ length: 100 }, (_, index) => request([long(`first ${index}`), long('second'), long('end')]))
    for (const each of many) history.remember(each, { ...limits, conversations: 1_000 })
    expect(history.size).toBe(32)
    const next = (index: number) => fingerprint(parts(long(`first ${index}`), long('second'), long('end'), 'more'))
    expect(history.find('s', next(99), 1_000)).toBe(many[99])
    expect(history.find('s', next(0), 1_000)).not.toBe(many[0])
  })

  it('forgets a prompt without turns at once', () => {
    const history = new History()
    history.remember(request([]), limits)
    expect(history.size).toBe(0)
  })
})

describe('lost tokens', () => {
  const measured = (figures: Omit<Usage, 'source'>): Usage => ({ ...figures, source: 'measured' })
  const texts = ['a'.repeat(250), 'b'.repeat(750)]

  it.each<[what: string, before: Usage | undefined, now: Usage | undefined, tokens: number]>([
    ['are the share behind the break of what the provider measured', measured({ inputUncached: 8_000 }), measured({ inputUncached: 9_000 }), 6_000],
    ['are that of an estimate, where it did not', undefined, undefined, 750],
    ['are not what an estimate says of the request itself', undefined, { inputUncached: 3, source: 'estimated' }, 750],
    ['count all that the prompt was: uncached, read, written', measured({ inputUncached: 1, cacheRead: 5_999, cacheWrite: 2_000 }), undefined, 6_000],
    ['are never more than was read anew', measured({ inputUncached: 8_000 }), measured({ inputUncached: 100, cacheRead: 2_000, cacheWrite: 50 }), 150],
    ['are never more than was not read from the cache', measured({ inputUncached: 8_000 }), measured({ inputUncached: 9_000, cacheRead: 4_000 }), 4_000],
    ['are none when all was read from the cache after all', measured({ inputUncached: 8_000 }), measured({ inputUncached: 900, cacheRead: 7_936 }), 0],
    [
      'are none when nothing had been put into the cache',
      measured({ inputUncached: 8_000, cacheWrite: 0, cacheRead: 0 }),
      measured({ inputUncached: 9_000 }),
      0,
    ],
    ['are what had been put there', measured({ inputUncached: 5_000, cacheWrite: 3_000 }), measured({ inputUncached: 9_000, cacheRead: 0 }), 3_000],
  ])('%s', (_what, usage, now, tokens) => {
    expect(lostTokens(request(texts, { usage }), 1, now)).toBe(tokens)
  })
})
