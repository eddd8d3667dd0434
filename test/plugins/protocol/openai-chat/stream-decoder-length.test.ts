import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { protocol } from './subject.ts'

/** Milliseconds that a stream of so many pieces of thoughts takes; the best of three, so that a busy machine says little. */
function timeOf(pieces: number): number {
  const piece = { event: '', data: JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { reasoning_details: [{ type: 'reasoning.text', text: 'a' }] } }] }) }
  const runs = Array.from({ length: 3 }, () => {
    const decoder = protocol.createStreamDecoder()
    const begun = performance.now()
    for (let sent = 0; sent < pieces; sent++) decoder.push(piece)
    decoder.push({ event: '', data: '[DONE]' })
    return performance.now() - begun
  })
  return Math.min(...runs)
}

describe('a long stream', () => {
  it('of thoughts in pieces without a number takes time in proportion to its length', { timeout: 60_000 }, () => {
    timeOf(2_000)
    expect(timeOf(32_000) / timeOf(4_000)).toBeLessThan(24)
  })
})
