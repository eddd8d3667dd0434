import { closeSync, mkdirSync, openSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export const inMemory = ':memory:'

/** The option, else `TOKLIGENCE_LEDGER_PATH`, else `~/.tokligence/ledger.db`; absolute, with a leading `~` expanded. */
export function resolveLedgerPath(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const path = option ?? (environment.TOKLIGENCE_LEDGER_PATH || '~/.tokligence/ledger.db')
  if (path === inMemory) return path
  return resolve(path.startsWith('~/') ? join(homedir(), path.slice(2)) : path)
}

/** Makes folder and file readable for this user alone: a ledger tells who asked what of whom. SQLite gives its side files the file's mode. */
export function createLedgerFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    // `wx` does not open a file that is there: closing it would drop the locks that this process's other connections hold on it (fcntl).
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
