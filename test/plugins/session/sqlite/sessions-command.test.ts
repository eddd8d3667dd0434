import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { captureIo, runCommand } from '../../../core/cli/captured-io.ts'
import { workspace } from '../../../core/config/workspace.ts'
import { openStore, temporaryFolder } from './open-store.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

function entry(key: string, value = '{}', lifetime = 60_000) {
  return { key, value, expiresAt: Date.now() + lifetime }
}

/** Runs `tokligence sessions` with a configuration that names the file. */
async function sessions(path: string, ...argv: string[]) {
  const config = `
    import { sqliteSessions } from 'tokligence/plugins'
    export default { plugins: [sqliteSessions({ path: ${JSON.stringify(path)} })] }
  `
  const io = captureIo(workspace({ 'gateway.config.ts': config }).folder)
  const out: string[] = []
  const error: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => error.push(String(text)) > 0)
  const code = await runCommand(['sessions', ...argv], io)
  vi.restoreAllMocks()
  return { code, out: io.out + out.join(''), error: io.error + error.join('') }
}

describe('tokligence sessions', () => {
  it('tells what there is of whom, while a gateway has the file open', async () => {
    const { store, path, close } = await openStore()
    await store.put('ann', [entry('a', 'x'.repeat(1_000)), entry('b'), entry('gone', '{}', -1)])
    await store.put('null', [entry('a')])
    await store.put(undefined, [entry('a', 'x'.repeat(500))])
    const { code, out } = await sessions(path, '--json')
    // The texts of name, key and value, and 256 bytes for each entry.
    const principals = [
      { principal: 'ann', entries: 2, bytes: 3 + 1 + 1_000 + 256 + (3 + 1 + 2 + 256) },
      { principal: null, entries: 1, bytes: 1 + 500 + 256 },
      { principal: 'null', entries: 1, bytes: 4 + 1 + 2 + 256 },
    ]
    expect([code, JSON.parse(out)]).toEqual([0, { path, principals, total: { entries: 4, bytes: 2_542 } }])
    const table = await sessions(path)
    expect(table.out).toMatch(/ann +2 +1522\n\(no name\) +1 +757\nnull +1 +263\n-+ .*\ntotal +4 +2542\n$/)
    await close()
  })

  it('erases everything of one principal, or of callers without a name, and of nobody else', async () => {
    const { store, path, close } = await openStore()
    for (const principal of ['ann', '007', '7', undefined]) await store.put(principal, [entry('a'), entry('b')])
    expect(await sessions(path, '--erase', '007')).toMatchObject({ code: 0, out: '2 entries of "007" erased.\n' })
    const left = async () => (await Promise.all(['ann', '007', '7', undefined].map((name) => store.get(name, ['a', 'b'])))).map(({ length }) => length)
    expect(await left()).toEqual([2, 0, 2, 2])
    expect(JSON.parse((await sessions(path, '--erase-unnamed', '--json')).out)).toEqual({ principal: null, erased: 2 })
    expect(await left()).toEqual([2, 0, 2, 0])
    expect(await sessions(path, '--erase=nobody')).toMatchObject({ code: 0, out: '0 entries of "nobody" erased.\n' })
    expect(await left()).toEqual([2, 0, 2, 0])
    await close()
  })

  it('makes no file where there is none', async () => {
    const path = join(temporaryFolder(), 'sessions.db')
    expect(await sessions(path)).toMatchObject({ code: 0, out: `Nothing is remembered in ${path}.\n` })
    expect(await sessions(path, '--erase', 'ann')).toMatchObject({ code: 0, out: '0 entries of "ann" erased.\n' })
    expect(existsSync(path)).toBe(false)
  })

  it('erases nothing when it cannot tell of whom', async () => {
    const { store, path, close } = await openStore()
    await store.put('ann', [entry('a')])
    for (const argv of [['ann'], ['--erase', 'ann', '--erase-unnamed'], ['--erase']])
      expect(await sessions(path, ...argv)).toMatchObject({ code: 64, out: '', error: expect.stringMatching(/--erase/) })
    expect(await store.get('ann', ['a'])).toHaveLength(1)
    await close()
  })
})
