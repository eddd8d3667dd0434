import { expect } from 'vitest'
import type { Fields } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'

/** Where a request holds its turns. */
export const turnsIn = { 'openai-chat': 'messages', 'openai-responses': 'input', 'anthropic-messages': 'messages', gemini: 'contents' } as const

/** A request in the pieces that a vendor's prompt cache compares, as text: tools, system text, turns, whatever their order in the body. */
export interface SentTurns {
  /** Without the brackets at the end. */
  readonly tools: string
  readonly system: string
  readonly turns: readonly string[]
  /** All that is left. */
  readonly settings: string
}

/** Markers of the cache are left out: they are no part of the prompt, and those of the newest turn move with it. */
export function readSentTurns(protocol: RecordedProtocol, body: Buffer): SentTurns {
  const sent = JSON.parse(body.toString(), (name, value: unknown) => (name === 'cache_control' ? undefined : value)) as Fields
  const { [turnsIn[protocol]]: turns, tools = [], system, instructions, systemInstruction, ...settings } = sent
  return {
    tools: JSON.stringify(tools).replace(/[\]}]+$/, ''),
    system: JSON.stringify([system, instructions, systemInstruction]),
    turns: (turns as readonly unknown[]).map((turn) => JSON.stringify(turn)),
    settings: JSON.stringify(settings),
  }
}

/** Fails unless the later prompt is the one before with more behind it; tools that were found meanwhile stand behind the others. */
export function expectContinued(later: SentTurns, before: SentTurns): void {
  expect(later.tools.slice(0, before.tools.length)).toBe(before.tools)
  expect(later.system).toBe(before.system)
  expect(later.turns.slice(0, before.turns.length)).toEqual(before.turns)
  expect(later.turns.length).toBeGreaterThan(before.turns.length)
}
