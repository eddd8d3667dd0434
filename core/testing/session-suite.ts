import { setTimeout as pause } from 'node:timers/promises'
import type { SessionEntry, SessionStore } from '../contracts/session.ts'
import { GatewayError } from '../errors.ts'
import type { TestRunner } from './ledger-suite.ts'

export interface SessionStoreUnderTest {
  readonly store: SessionStore
  /** Ends it gracefully. */
  close(): Promise<void>
}

export interface SessionSuite<Opened extends SessionStoreUnderTest = SessionStoreUnderTest> {
  /** Makes an empty store that keeps entries for an hour or longer, if they ask for it, and has room for 4 MiB. */
  create(): Promise<Opened>
  /** Makes an empty store with a cap of 64 KiB. Leave it out when the cap is somebody else's. */
  readonly createSmall?: () => Promise<SessionStoreUnderTest>
  /** Opens one more store on the same entries, as another process would. Leave it out when the entries die with the store. */
  readonly again?: (first: Opened) => Promise<SessionStoreUnderTest>
  readonly runner: TestRunner
}

type Stores = Pick<SessionSuite, 'create' | 'runner'>

/** What every session store must do, whatever it keeps its entries in. */
export function testSessions<Opened extends SessionStoreUnderTest>(suite: SessionSuite<Opened>): void {
  const { describe } = suite.runner
  describe('session store contract', () => {
    describe('put and get', () => testEntries(suite))
    describe('expiry', () => testExpiry(suite))
    describe('renewal', () => testRenewal(suite))
    describe('principals', () => testPrincipals(suite))
    describe('removal', () => testRemoval(suite))
    describe('its end', () => testEnd(suite))
    const { createSmall, again } = suite
    if (createSmall) describe('the cap', () => testCap(suite.runner, createSmall))
    if (again) describe('two at once', () => testSharing(suite, again))
  })
}

async function withStore<Opened extends SessionStoreUnderTest>(make: () => Promise<Opened>, body: (opened: Opened) => Promise<void>): Promise<void> {
  const opened = await make()
  try {
    await body(opened)
  } finally {
    await opened.close()
  }
}

function entry(key: string, value = '{}', lifetime = 60_000): SessionEntry {
  return { key, value, expiresAt: Date.now() + lifetime }
}

async function valuesOf(store: SessionStore, principal: string | undefined, ...keys: readonly string[]): Promise<readonly (readonly string[])[]> {
  const found = await store.get(principal, keys)
  return found.map(({ key, value }) => [key, value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}

function testEntries(suite: Stores): void {
  const { it, expect } = suite.runner

  it('gives back what was put, and only those of the keys that are there', () =>
    withStore(suite.create, async ({ store }) => {
      const one = entry('reply:1', '{"one":1}')
      const two = entry('reply:2', '{"two":2}')
      await store.put('me', [one, two])
      expect(await store.get('me', ['reply:1'])).toEqual([one])
      expect(await valuesOf(store, 'me', 'reply:2', 'reply:3', 'reply:1', 'reply:2')).toEqual([
        ['reply:1', '{"one":1}'],
        ['reply:2', '{"two":2}'],
      ])
      expect(await store.get('me', ['reply:3'])).toEqual([])
      expect(await store.get('me', [])).toEqual([])
    }))

  it('takes any text for a value, and tells keys apart to the letter', () =>
    withStore(suite.create, async ({ store }) => {
      const keys = ['k', 'K', 'k ', ' k', 'k%', 'k_', "k'", 'k"', 'k\\', 'k\n', 'é', 'e\u0301', '🔑', '__proto__', 'constructor', 'x'.repeat(512), '']
      const values = keys.map((_, index) => `{"${index}":"line\\n 'quoted' \\"twice\\" \\u0000 ünï 🗝 "}\n`)
      await store.put(
        'me',
        keys.map((key, index) => entry(key, values[index])),
      )
      for (const [index, key] of keys.entries()) expect(await valuesOf(store, 'me', key)).toEqual([[key, values[index]]])
      expect((await store.get('me', keys)).length).toBe(keys.length)
      await store.put('me', [entry('empty', '')])
      expect(await valuesOf(store, 'me', 'empty')).toEqual([['empty', '']])
    }))

  it('keeps a value of a MiB', () =>
    withStore(suite.create, async ({ store }) => {
      const value = JSON.stringify({ text: '0123456789abcdef'.repeat(65_536) })
      await store.put('me', [entry('large', value)])
      expect((await store.get('me', ['large']))[0]?.value === value).toBe(true)
    }))

  it('replaces value and expiry of a key that is known; the last one of two in one call counts', () =>
    withStore(suite.create, async ({ store }) => {
      await store.put('me', [entry('k', '1', 60_000)])
      const newer = entry('k', '2', 30_000)
      await store.put('me', [newer])
      expect(await store.get('me', ['k'])).toEqual([newer])
      await store.put('me', [entry('k', '3'), entry('k', '4')])
      expect(await valuesOf(store, 'me', 'k')).toEqual([['k', '4']])
    }))

  it('has kept an entry when its promise resolves, each of many at once', () =>
    withStore(suite.create, async ({ store }) => {
      const keys = Array.from({ length: 200 }, (_, index) => `k${index}`)
      const seen = await Promise.all(
        keys.map(async (key) => {
          await store.put('me', [entry(key)])
          return (await store.get('me', [key])).length
        }),
      )
      expect(seen).toEqual(keys.map(() => 1))
      expect((await store.get('me', keys)).length).toBe(keys.length)
    }))

  it('does nothing when there is nothing to keep', () =>
    withStore(suite.create, async ({ store }) => {
      await store.put('me', [])
      expect(await store.erase('me')).toBe(0)
    }))
}

function testExpiry(suite: Stores): void {
  const { it, expect } = suite.runner

  it('does not know an entry any more once it has expired', () =>
    withStore(suite.create, async ({ store }) => {
      await store.put('me', [entry('soon', '{}', 150), entry('later')])
      await pause(200)
      expect(await valuesOf(store, 'me', 'soon', 'later')).toEqual([['later', '{}']])
      expect(await store.delete('me', ['soon'])).toBe(0)
      expect(await store.erase('me')).toBe(1)
    }))

  it('forgets what a key had when its new value has expired already', () =>
    withStore(suite.create, async ({ store }) => {
      await store.put('me', [entry('k', 'old')])
      await store.put('me', [entry('k', 'new', -1)])
      expect(await store.get('me', ['k'])).toEqual([])
    }))
}

function testRenewal(suite: Stores): void {
  const { it, expect } = suite.runner
  const endsOf = async (store: SessionStore, ...keys: readonly string[]) =>
    Object.fromEntries((await store.get('me', keys)).map(({ key, expiresAt }) => [key, expiresAt]))

  it('lengthens the lives of the keys that are named, shortens none, and leaves their values and all others alone', () =>
    withStore(suite.create, async ({ store }) => {
      const entries = [entry('a', 'first', 20_000), entry('b', 'second', 50_000), entry('c', 'third', 20_000)]
      await store.put('me', entries)
      await store.put('you', [entry('a', 'foreign', 20_000)])
      const end = Date.now() + 40_000
      await store.renew('me', ['a', 'b', 'a'], end)
      expect(await endsOf(store, 'a', 'b', 'c')).toEqual({ a: end, b: entries[1]?.expiresAt, c: entries[2]?.expiresAt })
      expect((await valuesOf(store, 'me', 'a', 'b', 'c')).map(([, value]) => value)).toEqual(['first', 'second', 'third'])
      expect(((await store.get('you', ['a']))[0]?.expiresAt ?? 0) < end).toBe(true)
      expect(await store.delete('me', ['a', 'b', 'c'])).toBe(3)
    }))

  it('brings nothing back that was deleted or has expired, and makes nothing of what never was', () =>
    withStore(suite.create, async ({ store }) => {
      await store.put('me', [entry('deleted'), entry('expired', '{}', 100)])
      await store.delete('me', ['deleted'])
      await pause(150)
      await store.renew('me', ['deleted', 'expired', 'never'], Date.now() + 60_000)
      await store.renew('me', [], Date.now() + 60_000)
      expect(await store.get('me', ['deleted', 'expired', 'never'])).toEqual([])
    }))
}

function testPrincipals(suite: Stores): void {
  const { it, expect } = suite.runner
  const principals = [undefined, '', 'undefined', 'null', 'me', 'ME', 'me ', 'm%', 'me:k', '"me"', 'me\u0000', 'você']

  it('shows each principal its own entries alone', () =>
    withStore(suite.create, async ({ store }) => {
      for (const [index, principal] of principals.entries()) await store.put(principal, [entry('k', `${index}`), entry(`only-${index}`)])
      for (const [index, principal] of principals.entries()) {
        expect(await valuesOf(store, principal, 'k')).toEqual([['k', `${index}`]])
        const own = (
          await store.get(
            principal,
            principals.map((_, other) => `only-${other}`),
          )
        ).map(({ key }) => key)
        expect(own).toEqual([`only-${index}`])
      }
    }))

  it('does not take the end of a name for the beginning of a key', () =>
    withStore(suite.create, async ({ store }) => {
      await store.put('a', [entry('b:c'), entry(':b:c')])
      for (const [principal, key] of [
        ['a:b', 'c'],
        ['a:', 'b:c'],
        ['', 'ab:c'],
        [undefined, 'a:b:c'],
      ] as const)
        expect(await store.get(principal, [key])).toEqual([])
    }))

  it('removes nothing of another principal', () =>
    withStore(suite.create, async ({ store }) => {
      for (const principal of principals) await store.put(principal, [entry('k')])
      expect(await store.delete('stranger', ['k'])).toBe(0)
      expect(await store.delete('me', ['k'])).toBe(1)
      expect(await store.erase(undefined)).toBe(1)
      for (const principal of principals) expect((await store.get(principal, ['k'])).length).toBe(principal === 'me' || principal === undefined ? 0 : 1)
    }))
}

function testRemoval(suite: Stores): void {
  const { it, expect } = suite.runner

  it('deletes what is named, and answers with how many there were', () =>
    withStore(suite.create, async ({ store }) => {
      await store.put('me', [entry('a'), entry('b'), entry('c')])
      expect(await store.delete('me', ['a', 'c', 'a', 'nobody'])).toBe(2)
      expect(await store.delete('me', ['a'])).toBe(0)
      expect(await store.delete('me', [])).toBe(0)
      expect(await valuesOf(store, 'me', 'a', 'b', 'c')).toEqual([['b', '{}']])
    }))

  it('erases everything of a principal, who can begin anew', () =>
    withStore(suite.create, async ({ store }) => {
      await store.put('me', [entry('a'), entry('b')])
      expect(await store.erase('me')).toBe(2)
      expect(await store.erase('me')).toBe(0)
      await store.put('me', [entry('a', 'new')])
      expect(await valuesOf(store, 'me', 'a', 'b')).toEqual([['a', 'new']])
    }))
}

function testEnd(suite: Stores): void {
  const { it, expect } = suite.runner

  it('rejects with TKL_SESSION_UNAVAILABLE once it is closed', async () => {
    const { store, close } = await suite.create()
    await store.put('me', [entry('k')])
    await close()
    const calls = [store.put('me', [entry('k')]), store.get('me', ['k']), store.renew('me', ['k'], 0), store.delete('me', ['k']), store.erase('me')]
    const ends = await Promise.allSettled(calls)
    expect(ends.map((end) => end.status === 'rejected' && GatewayError.is(end.reason, 'TKL_SESSION_UNAVAILABLE'))).toEqual(calls.map(() => true))
  })
}

function testCap({ it, expect }: TestRunner, createSmall: () => Promise<SessionStoreUnderTest>): void {
  const text = 'x'.repeat(4_096)
  const keys = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, '0')}`)

  it('pushes the oldest out, whoever they belong to', () =>
    withStore(createSmall, async ({ store }) => {
      await store.put('early', [entry('k', text)])
      for (const key of keys) await store.put('me', [entry(key, text)])
      const left = (await valuesOf(store, 'me', ...keys)).map(([key]) => key ?? '')
      expect(left.length >= 8 && left.length <= 16).toBe(true)
      expect(left).toEqual(keys.slice(-left.length))
      expect(await store.get('early', ['k'])).toEqual([])
    }))

  it('takes an entry that was written again for a new one', () =>
    withStore(createSmall, async ({ store }) => {
      await store.put('me', [entry('again', text), entry('once', text)])
      for (const key of keys) await store.put('me', [entry(key, text), entry('again', text)])
      expect((await valuesOf(store, 'me', 'again', 'once')).map(([key]) => key)).toEqual(['again'])
    }))

  it('takes an entry that was renewed for a new one', () =>
    withStore(createSmall, async ({ store }) => {
      await store.put('me', [entry('renewed', text), entry('once', text)])
      for (const key of keys) {
        await store.put('me', [entry(key, text)])
        await store.renew('me', ['renewed'], Date.now() + 60_000)
      }
      expect((await valuesOf(store, 'me', 'renewed', 'once')).map(([key]) => key)).toEqual(['renewed'])
      expect((await store.get('me', keys)).length >= 8).toBe(true)
    }))

  it('keeps the last ones of a call that brings more than there is room for', () =>
    withStore(createSmall, async ({ store }) => {
      await store.put(
        'me',
        keys.map((key) => entry(key, text)),
      )
      const left = (await valuesOf(store, 'me', ...keys)).map(([key]) => key ?? '')
      expect(left.length > 0 && left.length <= 16).toBe(true)
      expect(left).toEqual(keys.slice(-left.length))
    }))

  it('does not keep an entry that is larger by itself, nor what its key had before, and leaves the others alone', () =>
    withStore(createSmall, async ({ store }) => {
      await store.put('me', [entry('k', 'old'), entry('other')])
      await store.put('me', [entry('k', 'x'.repeat(70_000))])
      expect(await valuesOf(store, 'me', 'k', 'other')).toEqual([['other', '{}']])
    }))
}

function testSharing<Opened extends SessionStoreUnderTest>(suite: SessionSuite<Opened>, again: (first: Opened) => Promise<SessionStoreUnderTest>): void {
  const { it, expect } = suite.runner

  it('sees what the other one writes, deletes and erases', () =>
    withStore(suite.create, async (first) => {
      await first.store.put('me', [entry('a', '1'), entry('b'), entry('c')])
      await withStore(
        () => again(first),
        async (second) => {
          expect((await second.store.get('me', ['a', 'b', 'c'])).length).toBe(3)
          await second.store.put('me', [entry('a', '2')])
          expect(await second.store.delete('me', ['b'])).toBe(1)
          expect(await valuesOf(first.store, 'me', 'a', 'b', 'c')).toEqual([
            ['a', '2'],
            ['c', '{}'],
          ])
          expect(await first.store.erase('me')).toBe(2)
          expect(await second.store.get('me', ['a', 'c'])).toEqual([])
        },
      )
    }))

  it('loses nothing when both write at once, and one of them is closed', () =>
    withStore(suite.create, async (first) => {
      const second = await again(first)
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
      const written = keys.map((key, index) => (index % 2 ? first : second).store.put('me', [entry(key)]))
      await Promise.all(written)
      await second.close()
      expect((await first.store.get('me', keys)).length).toBe(keys.length)
      await withStore(
        () => again(first),
        async (third) => void expect((await third.store.get('me', keys)).length).toBe(keys.length),
      )
    }))
}
