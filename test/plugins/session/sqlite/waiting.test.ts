import { describe, expect, it } from 'vitest'
import { loadDriver } from '../../../../plugins/ledger/sqlite/driver.ts'
import { openStore } from './open-store.ts'

function entry(key: string, value = '{}') {
  return { key, value, expiresAt: Date.now() + 60_000 }
}

const mebibyte = 1024 * 1024

/** A store on a file that another process keeps locked until `release` is called. */
async function openLocked() {
  const { store, path, close } = await openStore()
  await store.put('me', [entry('a')])
  const other = loadDriver().open(path)
  other.exec('BEGIN IMMEDIATE')
  const release = () => {
    other.exec('COMMIT')
    other.close()
  }
  return { store, release, close }
}

describe('while another process holds the lock', () => {
  it('what is there can be read, and what could not be written in time is not written later', async () => {
    const { store, release, close } = await openLocked()
    const start = performance.now()
    const puts = Promise.allSettled(['b', 'c', 'd'].map((key) => store.put('me', [entry(key)])))
    expect(await store.get('me', ['a'])).toHaveLength(1)
    expect(performance.now() - start).toBeLessThan(2_000)
    for (const end of await puts) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'TKL_SESSION_UNAVAILABLE' } })
    expect(performance.now() - start).toBeLessThan(9_000)
    release()
    expect(await store.get('me', ['b', 'c', 'd'])).toEqual([])
    await store.put('me', [entry('b')])
    expect(await store.get('me', ['b'])).toHaveLength(1)
    await close()
  }, 20_000)

  it('only so much waits to be written', async () => {
    const { store, release, close } = await openLocked()
    const put = (key: string) => store.put('me', [entry(key, 'x'.repeat(30 * mebibyte))])
    const taken = [put('b'), put('c')]
    await expect(put('d')).rejects.toMatchObject({ code: 'TKL_SESSION_UNAVAILABLE', status: 503 })
    release()
    await Promise.all(taken)
    await put('d')
    expect((await store.get('me', ['b', 'c', 'd'])).map(({ key }) => key).sort()).toEqual(['b', 'c', 'd'])
    await close()
  }, 20_000)
})
