import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { SqlDatabase, SqlDriver } from './driver.ts'
import { inMemory } from './ledger-path.ts'
import { isBusy } from './sqlite-error.ts'

/** Milliseconds after which a lock file that nobody holds belongs to a dead process, and not to one that is making it just now. */
const makingTime = 600_000

const processName = /^\d+-[0-9a-f]{12}$/

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
    // Back-dated, so that it does not pass for one that is being made. By its path: closing a handle of the file would drop the lock.
    utimesSync(join(this.#folder, this.process), 0, 0)
  }

  isAlive(process: string): boolean {
    if (process === this.process) return true
    if (!existsSync(join(this.#folder, process))) return false
    const lock = this.#tryLock(process)
    lock?.close()
    return lock === undefined
  }

  /** The processes whose lock files are there, this one's aside: they live, or died and were not recovered yet. */
  lockFiles(): readonly string[] {
    if (!this.#lock) return []
    return readdirSync(this.#folder).filter((process) => {
      if (process === this.process || !processName.test(process)) return false
      const made = statSync(join(this.#folder, process), { throwIfNoEntry: false })?.mtimeMs
      return made !== undefined && Date.now() - made > makingTime
    })
  }

  /** Removes the lock files of dead processes; to be called once they are recovered. */
  forget(processes: readonly string[]): void {
    if (!this.#lock) return
    for (const process of processes) rmSync(join(this.#folder, process), { force: true })
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
