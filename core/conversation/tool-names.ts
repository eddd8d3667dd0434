import { createHash } from 'node:crypto'
import type { ToolSupport } from './tool-mapping.ts'

/** Hex digits that tell two names apart. */
const digestLength = 8

/**
 * What tools are called on the provider's wire. A tool has the same name whatever stands beside it, because history and cached prompts must not
 * change between turns, unless its name is taken: then a digest tells the two apart.
 */
export class ToolNames {
  readonly #accepted: RegExp
  readonly #longest: number
  readonly #groups: boolean
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()

  constructor({ name, longestName, namespaces }: ToolSupport) {
    // Without the flags that make a pattern remember where it was.
    this.#accepted = new RegExp(name.source, name.flags.replace(/[gy]/g, ''))
    this.#longest = longestName
    this.#groups = namespaces
  }

  /** A name that no tool may get any more, because one that cannot be renamed has it. */
  reserve(name: string): void {
    this.#taken.add(placeOf(name, undefined))
  }

  /** Gives names to tools, the earlier first; those that can keep their names keep them, whatever their place. */
  assign(tools: readonly { readonly name: string; readonly namespace?: string | undefined }[]): void {
    const grouped = (namespace: string | undefined) => namespace !== undefined && !this.#groups
    const unnamed = tools.filter(({ name, namespace }) => !this.#names.has(placeOf(name, namespace)))
    for (const { name, namespace } of unnamed) if (!grouped(namespace) && this.#isAccepted(name)) this.#claim(name, namespace, name)
    for (const { name, namespace } of unnamed) {
      if (this.#names.has(placeOf(name, namespace))) continue
      const whole = grouped(namespace) ? `${namespace}__${name}` : name
      if (this.#isAccepted(whole) && this.#claim(name, namespace, whole)) continue
      for (let attempt = 0; !this.#claim(name, namespace, this.#cut(whole, digest(name, namespace, attempt))); attempt++);
    }
  }

  /** The name that `assign` gave, or the tool's own. */
  of(name: string, namespace: string | undefined): string {
    return this.#names.get(placeOf(name, namespace)) ?? name
  }

  #isAccepted(name: string): boolean {
    return name.length <= this.#longest && this.#accepted.test(name)
  }

  #claim(name: string, namespace: string | undefined, given: string): boolean {
    const place = placeOf(given, this.#groups ? namespace : undefined)
    if (this.#taken.has(place)) return false
    this.#taken.add(place)
    this.#names.set(placeOf(name, namespace), given)
    return true
  }

  /** Letters that every protocol takes, as many as there is room for, and the digest. */
  #cut(name: string, digest: string): string {
    const room = Math.max(0, this.#longest - digest.length - 1)
    const near = name
      .replace(/[^a-zA-Z0-9_-]/g, '_')
      .replace(/^[^a-zA-Z_]/, '_')
      .slice(0, room)
    return [`${near}_${digest}`, `${near.replaceAll('-', '_')}_${digest}`].find((candidate) => this.#isAccepted(candidate)) ?? `t${digest}`
  }
}

/** A name within its group, as one string; no two of them are the same. */
export function placeOf(name: string, namespace: string | undefined): string {
  return namespace === undefined ? `=${name}` : `${namespace.length}=${namespace}${name}`
}

function digest(name: string, namespace: string | undefined, attempt: number): string {
  return createHash('sha256')
    .update(`${placeOf(name, namespace)}${attempt === 0 ? '' : `\0${attempt}`}`)
    .digest('hex')
    .slice(0, digestLength)
}
