import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readOrCreateKey, sealKeyPath } from '../../../../plugins/seal/signed-seals/key-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokligence-seal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the key file', () => {
  it('is made on first use, for its user alone, and read from then on', () => {
    const path = join(folder, 'data', 'seal.key')
    const key = readOrCreateKey(path)
    expect(key).toHaveLength(32)
    expect(readOrCreateKey(path)).toEqual(key)
    expect(Buffer.from(readFileSync(path, 'utf8'), 'base64')).toEqual(key)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(folder, 'data'))).toEqual(['seal.key'])
  })

  it('is never overwritten: one that holds something else is refused', () => {
    const path = join(folder, 'seal.key')
    for (const text of ['', 'short', 'x'.repeat(100)]) {
      writeFileSync(path, text)
      expect(() => readOrCreateKey(path)).toThrow('does not hold 32 bytes')
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
  })

  it('that can be neither read nor made throws', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => readOrCreateKey(join(folder, 'file', 'seal.key'))).toThrow()
    mkdirSync(join(folder, 'seal.key'))
    expect(() => readOrCreateKey(join(folder, 'seal.key'))).toThrow()
  })

  it('is the same for all processes that make it at the same time', async () => {
    const source = fileURLToPath(new URL('../../../../plugins/seal/signed-seals/key-file.ts', import.meta.url))
    const script = join(folder, 'make-key.mjs')
    const { outputFiles } = buildSync({
      stdin: {
        contents: `import { readOrCreateKey } from ${JSON.stringify(source)}\nconsole.log(readOrCreateKey(process.argv[2]).toString('hex'))`,
        resolveDir: folder,
      },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
    })
    writeFileSync(script, outputFiles[0]?.contents ?? '')
    const path = join(folder, 'data', 'seal.key')
    const keys = await Promise.all(Array.from({ length: 6 }, () => printed(script, path)))
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(keys).size).toBe(1)
    expect(readdirSync(join(folder, 'data'))).toEqual(['seal.key'])
  })

  it('stands beside the ledger', () => {
    expect(sealKeyPath({})).toBe(join(homedir(), '.tokligence', 'seal.key'))
    expect(sealKeyPath({ TOKLIGENCE_LEDGER_PATH: ':memory:' })).toBe(join(homedir(), '.tokligence', 'seal.key'))
    expect(sealKeyPath({ TOKLIGENCE_LEDGER_PATH: '~/books/ledger.db' })).toBe(join(homedir(), 'books', 'seal.key'))
    expect(sealKeyPath({ TOKLIGENCE_LEDGER_PATH: '/data/ledger.db' })).toBe('/data/seal.key')
  })
})

function printed(script: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (piece) => {
      text += String(piece)
    })
    child.on('error', reject)
    child.on('close', () => resolve(text.trim()))
  })
}
