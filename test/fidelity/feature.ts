import type { Fields } from '../support/json-fields.ts'
import type { GivenFacts } from './measure.ts'

export const protocols = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const
export type ProtocolName = (typeof protocols)[number]

/** One thing that a request can ask, in the words of each protocol that has it. */
export interface RequestFeature {
  readonly name: string
  /** Members laid over the smallest request of the protocol. A protocol that is absent cannot say it. */
  readonly said: Partial<Record<ProtocolName, Fields>>
  /** True when the body for the provider says it. Absent for a protocol that has no slot for it. */
  readonly heard: Partial<Record<ProtocolName, (body: Fields) => boolean>>
  /** What is known of the target model. */
  readonly facts?: GivenFacts
}

/** One thing that a reply can hold, in the words of each protocol that has it. */
export interface ReplyFeature {
  readonly name: string
  readonly said: Partial<Record<ProtocolName, Fields>>
  /** The caller's request, where the reply answers to something of it; the smallest one where absent. */
  readonly asked?: Partial<Record<ProtocolName, Fields>>
  readonly heard: Partial<Record<ProtocolName, (body: Fields) => boolean>>
}

/** True when the text stands somewhere in the value, as JSON writes it. */
export function holds(value: unknown, text: string): boolean {
  return JSON.stringify(value)?.includes(JSON.stringify(text).slice(1, -1)) ?? false
}

/** The value at a path such as `messages.0.content`; undefined when there is none. */
export function at(value: unknown, path: string): unknown {
  let found: unknown = value
  for (const step of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<string, unknown>>)[step]
  }
  return found
}
