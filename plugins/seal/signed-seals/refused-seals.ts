/** The most that are remembered: some ten megabytes. A conversation whose seals are forgotten costs one more refused request. */
export const mostRemembered = 100_000

/** Seals that their issuer does not take back, by their signatures; the oldest are forgotten first. Known to one process, until it ends. */
export class RefusedSeals {
  readonly #signatures = new Set<string>()

  add(signature: string): void {
    this.#signatures.delete(signature)
    this.#signatures.add(signature)
    for (const oldest of this.#signatures) {
      if (this.#signatures.size <= mostRemembered) break
      this.#signatures.delete(oldest)
    }
  }

  has(signature: string): boolean {
    return this.#signatures.has(signature)
  }
}
