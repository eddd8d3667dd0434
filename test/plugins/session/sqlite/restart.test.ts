import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleChild } from '../../../faults/bundle-child.ts'
import { openStore, temporaryFolder } from './open-store.ts'

let program: string

beforeAll(async () => {
  program = await bundleChild(fileURLToPath(new URL('writer-process.ts', import.meta.url)))
})

/** The keys that the process acknowledged before it was killed. */
function writeAndDie(path: string, name: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, path, name, '100'], (error, stdout) => {
      if (error?.signal === 'SIGKILL') resolve(stdout.trimEnd().split('\n'))
      else reject(error ?? new Error('the process was not killed'))
    })
  })
}

describe('a restart', () => {
  it('finds all that processes had acknowledged which wrote at once, made the file at once and were killed', async () => {
    const path = join(temporaryFolder(), 'sessions.db')
    const keys = (await Promise.all(['a', 'b', 'c'].map((name) => writeAndDie(path, name)))).flat()
    expect(keys).toHaveLength(300)
    const { store, close } = await openStore({ path })
    const found = await store.get('me', keys)
    expect(found.map(({ value }) => JSON.parse(value)).sort()).toEqual([...keys].sort())
    await close()
    const again = await openStore({ path })
    expect(await again.store.get('me', keys)).toHaveLength(300)
    expect(await again.store.get(undefined, keys)).toEqual([])
    await again.close()
  })
})
