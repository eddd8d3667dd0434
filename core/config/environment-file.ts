import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { ConfigError } from './config-error.ts'

/** A `.env` file whose values stand in the environment, as far as the real environment does not set them. */
export class EnvironmentFile {
  readonly path: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #ours = new Map<string, string>()

  constructor(path: string, environment: NodeJS.ProcessEnv = process.env) {
    this.path = path
    this.#environment = environment
  }

  /**
   * Reads the file again: sets what is new or changed, and takes away what an earlier reading set and the file no longer has. Without a file
   * that is everything. Answers with the names that changed. Throws GatewayError `TKL_CONFIG_INVALID` when the file cannot be read.
   */
  load(): readonly string[] {
    const wanted = this.#read()
    const changed: string[] = []
    for (const [name, value] of this.#ours) {
      if (wanted[name] !== undefined) continue
      this.#ours.delete(name)
      changed.push(name)
      if (this.#environment[name] === value) delete this.#environment[name]
    }
    for (const [name, value] of Object.entries(wanted)) {
      if (value === undefined || !this.#maySet(name) || this.#environment[name] === value) continue
      this.#environment[name] = value
      this.#ours.set(name, value)
      changed.push(name)
    }
    return changed
  }

  /** The real environment wins: a name that somebody else set is not touched. */
  #maySet(name: string): boolean {
    const current = this.#environment[name]
    return current === undefined || current === this.#ours.get(name)
  }

  #read(): Readonly<Record<string, string | undefined>> {
    try {
      return parseEnv(readFileSync(this.path, 'utf8').replace(/^\uFEFF/, ''))
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      // A folder called .env is somebody's Python environment.
      if (code === 'ENOENT' || code === 'EISDIR') return {}
      throw new ConfigError([{ file: this.path, message: `cannot be read (${code ?? String(error)}).` }], { cause: error })
    }
  }
}
