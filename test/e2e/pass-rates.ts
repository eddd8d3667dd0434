/** Counts what went well in each direction, and says so in one line each. */
export class PassRates {
  readonly #what: string
  /** Direction → what was tried there, and whether all of it went well. */
  readonly #directions = new Map<string, Map<string, boolean>>()

  constructor(what: string) {
    this.#what = what
  }

  /** Runs a check of one of the things; rejects as the check does. */
  async count(direction: string, id: string, check: () => Promise<void>): Promise<void> {
    const tried = this.#directions.get(direction) ?? new Map<string, boolean>()
    this.#directions.set(direction, tried)
    const before = tried.get(id) ?? true
    tried.set(id, false)
    await check()
    tried.set(id, before)
  }

  tell(): void {
    for (const [direction, tried] of this.#directions)
      console.info(`${direction}: ${[...tried.values()].filter((passed) => passed).length} of ${tried.size} ${this.#what}`)
  }
}
