import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SqlDatabase, SqlDriver } from './driver.ts'
import { inMemory } from './ledger-path.ts'
import { isBusy } from './sqlite-error.ts'

/** Milliseconds after which a lock file that nobody holds is litter, and not one that is being made just now. */
const litterAge = 600_000

/**
 * Tells live processes from dead ones. Each holds a lock on a file of its own, beside the ledger, for as long as it lives; the operating system
 * lets go of it however the process dies. Unlike a process id this survives reboots, reused ids and containers that share a folder, and unlike a
 * heartbeat it knows at once and is not fooled by a process that was suspended. SQLite is what takes the lock: Node has no call for it.
 */
export class Presence {
  /** This process's name in `attempts`: its id, for people, and what makes it unique. */
  readonly process = `${process.pid}-${randomBytes(6).toString('hex')}`
  readonly #driver: SqlDriver
  readonly #folder: string
  #lock: SqlDatabase | undefined

  constructor(driver: SqlDriver, ledgerPath: string) {
    this.#driver = driver
    this.#folder = `${ledgerPath}-processes`
    if (ledgerPath === inMemory) return
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#lock = this.#tryLock(this.process)
    if (!this.#lock) throw new Error(`the lock file ${join(this.#folder, this.process)} is held by somebody else`)
  }

  isAlive(process: string): boolean {
    if (process === this.process) return true
    if (!existsSync(join(this.#folder, process))) return false
    const lock = this.#tryLock(process)
    lock?.close()
    return lock === undefined
  }

  /** Removes lock files that dead processes left behind. */
  sweep(): void {
    if (!this.#lock) return
    for (const process of readdirSync(this.#folder)) {
      const age = Date.now() - (statSync(join(this.#folder, process), { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
      if (age > litterAge && !this.isAlive(process)) rmSync(join(this.#folder, process), { force: true })
    }
  }

  release(): void {
    if (!this.#lock) return
    this.#lock.close()
    this.#lock = undefined
    rmSync(join(this.#folder, this.process), { force: true })
  }

  /** Undefined when another process holds the lock. */
  #tryLock(process: string): SqlDatabase | undefined {
    const database = this.#driver.open(join(this.#folder, process))
    try {
      // Nothing is ever written here: the transaction is the lock, and the file stays empty.
      database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
      return database
    } catch (error) {
      database.close()
      if (isBusy(error)) return undefined
      throw error
    }
  }
}
