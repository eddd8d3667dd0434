import { describe, expect, it } from 'vitest'
import { acceptRequestId, createId } from '../../core/identifiers.ts'

describe('ids', () => {
  it('are UUIDs of version 7 that carry their millisecond', () => {
    const id = createId(0x0192_3456_789a)
    expect(id).toMatch(/^01923456-789a-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('sort by time and do not repeat', () => {
    expect(createId(1_000) < createId(2_000)).toBe(true)
    expect(new Set(Array.from({ length: 10_000 }, () => createId(5))).size).toBe(10_000)
  })

  it.each(['abc', 'req_01.A-b:c/d', 'a'.repeat(128)])('takes %s as the caller’s request id', (value) => {
    expect(acceptRequestId(value)).toBe(value)
  })

  it.each([undefined, '', 'a'.repeat(129), 'line\nbreak', 'two words', '<script>', ['a', 'b']])('does not take %s', (value) => {
    expect(acceptRequestId(value)).toBeUndefined()
  })
})
