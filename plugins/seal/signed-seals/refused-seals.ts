import { createHash } from 'node:crypto'

/** The most that are remembered: some ten megabytes. A conversation whose seals are forgotten costs one more refused request. */
export const mostRemembered = 100_000

/** Seals, and opaque values that are none, which their issuer does not take back; the oldest are forgotten first. Known to one process, until it ends. */
export class RefusedSeals {
  /** Digests of issuer and seal. */
  readonly #digests = new Set<string>()

  add(issuer: string, seal: string): void {
    const digest = digestOf(issuer, seal)
    this.#digests.delete(digest)
    this.#digests.add(digest)
    for (const oldest of this.#digests) {
      if (this.#digests.size <= mostRemembered) break
      this.#digests.delete(oldest)
    }
  }

  has(issuer: string, seal: string): boolean {
    return this.#digests.size > 0 && this.#digests.has(digestOf(issuer, seal))
  }
}

function digestOf(issuer: string, seal: string): string {
  return createHash('sha256').update(`${issuer}\0${seal}`).digest('base64url')
}
