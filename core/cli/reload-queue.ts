/** Runs one reload at a time; what happens meanwhile is gathered and leads to one more. */
export class ReloadQueue {
  readonly #reload: (paths: readonly string[]) => Promise<void>
  readonly #waiting = new Set<string>()
  #running: Promise<void> | undefined

  /** `reload` must not reject. */
  constructor(reload: (paths: readonly string[]) => Promise<void>) {
    this.#reload = reload
  }

  add(paths: readonly string[]): void {
    for (const path of paths) this.#waiting.add(path)
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is running or waiting. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const paths = [...this.#waiting]
      this.#waiting.clear()
      await this.#reload(paths)
    }
    this.#running = undefined
  }
}
