import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { protocol } from './subject.ts'

describe('a long stream', () => {
  it('of thoughts in pieces without a number takes time in proportion to its length', { timeout: 60_000 }, () => {
    const delta = { reasoning_details: [{ type: 'reasoning.text', text: 'a' }] }
    const piece = { event: '', data: JSON.stringify({ id: 'c', choices: [{ index: 0, delta }] }) }
    const decoder = protocol.createStreamDecoder()
    const begun = performance.now()
    for (let sent = 0; sent < 40_000; sent++) decoder.push(piece)
    const events = decoder.push({ event: '', data: '[DONE]' })
    // A list that is copied for each piece takes more than ten seconds.
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(JSON.stringify(events).split('reasoning.text')).toHaveLength(40_001)
  })
})
