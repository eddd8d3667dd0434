import type { SessionStore } from 'tokligence'
import memorySessions from 'tokligence/plugins/session/memory'
import { type FakePluginApiOptions, SharedStore, testSessions } from 'tokligence/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MemoryEntries } from '../../../../plugins/session/memory/entries.ts'
import { recordingLogger, setUpWithApi } from '../../set-up.ts'

type Options = Omit<NonNullable<Parameters<typeof memorySessions>[0]>, 'id'>

async function openStore(options: Options = {}, api: FakePluginApiOptions = {}) {
  const { logger, lines } = recordingLogger()
  const made = await setUpWithApi<SessionStore>(memorySessions(options), { ...api, logger })
  return { store: made.contribution, lines, close: () => made.api.dispose() }
}

const runner = { describe, it, expect }

testSessions({ create: () => openStore(), createSmall: () => openStore({ byteLimit: 65_536 }), runner })

afterEach(() => {
  vi.useRealTimers()
})

const start = Date.UTC(2026, 0, 1)

describe('the time to live', () => {
  it('is a day, unless the entry or the option says less', async () => {
    vi.useFakeTimers({ now: start })
    const day = await openStore()
    const hour = await openStore({ timeToLive: 3_600_000 })
    const never = { key: 'k', value: '1', expiresAt: Number.POSITIVE_INFINITY }
    for (const { store } of [day, hour]) await store.put('me', [never, { ...never, key: 'minute', expiresAt: start + 60_000 }])
    const ends = async (store: SessionStore) => (await store.get('me', ['k', 'minute'])).map(({ expiresAt }) => expiresAt - start)
    expect(await ends(day.store)).toEqual([86_400_000, 60_000])
    expect(await ends(hour.store)).toEqual([3_600_000, 60_000])
    vi.setSystemTime(start + 3_600_000)
    expect(await ends(day.store)).toEqual([86_400_000])
    expect(await ends(hour.store)).toEqual([])
    await Promise.all([day.close(), hour.close()])
  })

  it('ends in the room of an entry being free within a minute, without a call', () => {
    vi.useFakeTimers({ now: start })
    const entries = new MemoryEntries()
    entries.add({ principal: 'me', key: 'k', value: '', bytes: 1, expiresAt: start + 1 })
    vi.advanceTimersByTime(59_000)
    expect(entries.find('me', 'k')).toBe(undefined)
    expect(entries.size).toBe(1)
    vi.advanceTimersByTime(1_000)
    expect(entries.size).toBe(0)
    entries.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the cap', () => {
  it('is named in a warning when one entry is larger', async () => {
    const { store, lines, close } = await openStore({ byteLimit: 1_024 })
    await store.put('me', [{ key: 'reply:1', value: 'x'.repeat(2_000), expiresAt: Date.now() + 1_000 }])
    expect(lines).toMatchObject([{ level: 40, key: 'reply:1', byteLimit: 1_024 }])
    await close()
  })

  it('counts entries without text too', async () => {
    const { store, close } = await openStore({ byteLimit: 10_000 })
    const keys = Array.from({ length: 100 }, (_, index) => `${index}`)
    for (const key of keys) await store.put('me', [{ key, value: '', expiresAt: Date.now() + 60_000 }])
    expect((await store.get('me', keys)).length).toBeLessThan(40)
    await close()
  })
})

describe('a reload', () => {
  it('keeps the entries, whatever the options become', async () => {
    const sharedStore = new SharedStore()
    const first = await openStore({}, { sharedStore })
    await first.store.put('me', [{ key: 'k', value: '1', expiresAt: Date.now() + 60_000 }])
    const second = await openStore({ timeToLive: 1_000, byteLimit: 4_096 }, { sharedStore })
    await first.close()
    expect(await second.store.get('me', ['k'])).toMatchObject([{ value: '1' }])
    await second.close()
    expect(sharedStore.size).toBe(0)
  })
})
