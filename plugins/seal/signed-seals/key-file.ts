import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { readSealKey, sealKeyLength } from './seal-key.ts'

/** `seal.key` in the gateway's data folder: where `TOKLIGENCE_LEDGER_PATH` points to, else `~/.tokligence`. Absolute. */
export function sealKeyPath(environment: NodeJS.ProcessEnv = process.env): string {
  const ledger = environment.TOKLIGENCE_LEDGER_PATH
  const folder = ledger && !ledger.startsWith(':') ? dirname(ledger) : '~/.tokligence'
  const path = join(folder, 'seal.key')
  return resolve(path.startsWith('~/') ? join(homedir(), path.slice(2)) : path)
}

/**
 * The key in the file, which is made on first use, readable for this user alone. Of processes that make it at the same time one wins, and all
 * of them get its key. Throws when the file can be neither read nor made, or holds something else.
 */
export function readOrCreateKey(path: string): Buffer {
  const known = readKey(path)
  if (known) return known
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  publish(path, `${randomBytes(sealKeyLength).toString('base64')}\n`)
  const made = readKey(path)
  if (!made) throw new Error(`${path} is gone again.`)
  return made
}

function readKey(path: string): Buffer | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (isError(error, 'ENOENT')) return undefined
    throw error
  }
  const key = readSealKey(text)
  if (!key) throw new Error(`${path} does not hold ${sealKeyLength} bytes in base64 or hex.`)
  return key
}

/** Written beside the file and linked to its name, so that nobody ever reads half a key; a link is never made over a file that is there. */
function publish(path: string, text: string): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(draft, text, { flag: 'wx', mode: 0o600, flush: true })
    linkSync(draft, path)
  } catch (error) {
    if (!isError(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function isError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
