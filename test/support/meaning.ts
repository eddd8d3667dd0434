/** What a program reads out of a reply, whatever protocol it came in. */
export interface Meaning {
  readonly text: string
  readonly refusal: string
  readonly thinking: string
  readonly toolCalls: readonly { readonly name: string; readonly arguments: unknown }[]
  /** `refusal` stands for the vendors' content filters too. */
  readonly finish: 'stop' | 'length' | 'tool-calls' | 'refusal' | 'other'
  /** Undefined when the reply told none. Figures that a vendor leaves out or gives as null are 0 here. */
  readonly usage: MeaningOfUsage | undefined
}

export interface MeaningOfUsage {
  /** Neither read from nor written to a cache. */
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
  readonly reasoning: number
}

/** Tool arguments as a program reads them: parsed, or as they are when they are no JSON. */
export function parseArguments(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** A text, or nothing when there is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A figure, or 0 when there is none. */
export function countOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
