import { totalInput, type Usage } from 'tokligence'
import { shareBefore } from './fingerprint.ts'
import type { Remembered } from './history.ts'

/** Caches hand out whole blocks; what is left behind the last one is no loss. 128 tokens: platform.openai.com, "Prompt caching". */
const cacheBlock = 128

/**
 * How many input tokens were read anew, about, because a prompt does not begin with the one before: that part of it which the provider's cache held behind
 * the break. Where the provider told its figures, never more than it says that it did not read from the cache. 0 when nothing was lost.
 */
export function lostTokens(earlier: Remembered, part: number, usage: Usage | undefined): number {
  const behind = promptTokens(earlier) * (1 - shareBefore(earlier.sent, part))
  const limits = [behind, heldTokens(earlier)]
  if (usage?.source === 'measured') {
    const { inputUncached = 0, cacheWrite = 0, cacheRead } = usage
    const missed = promptTokens(earlier) - (cacheRead ?? 0)
    if (cacheRead && missed < cacheBlock) return 0
    if (totalInput(usage) !== undefined) limits.push(inputUncached + cacheWrite)
    if (cacheRead !== undefined) limits.push(missed)
  }
  return Math.max(0, Math.round(Math.min(...limits)))
}

/** All of a request's prompt. */
export function promptTokens({ usage, estimatedInput }: Remembered): number {
  const measured = usage?.source === 'measured' ? totalInput(usage) : undefined
  return measured ?? estimatedInput
}

/** What is in the cache since then: all of it, unless the provider says how much it wrote. */
function heldTokens(earlier: Remembered): number {
  const { cacheRead = 0, cacheWrite } = earlier.usage ?? {}
  return cacheWrite === undefined ? promptTokens(earlier) : cacheRead + cacheWrite
}
