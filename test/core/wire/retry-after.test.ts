import { readRetryAfter } from 'tokligence'
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => vi.useRealTimers())

describe('how long a provider asks to be left alone', () => {
  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': ' 7 ' }, 7],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '0.2' }, 1],
    [{ 'retry-after': ['3', '9'] }, 3],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 2],
    [{ 'retry-after-ms': '0', 'retry-after': '9' }, 0],
    [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9],
    [{ 'retry-after-ms': '-1', 'retry-after': '9' }, 9],
    [{ 'retry-after-ms': '', 'retry-after': '9' }, 9],
    [{ 'retry-after': '-7' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': [] }, undefined],
    [{}, undefined],
  ])('%j is %j seconds', (headers, seconds) => {
    expect(readRetryAfter(headers)).toBe(seconds)
  })

  it('may be a date, and is no time at all when that is over', () => {
    vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00.500Z') })
    expect(readRetryAfter({ 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' })).toBe(10)
    expect(readRetryAfter({ 'retry-after': 'Wed, 31 Dec 2025 23:59:00 GMT' })).toBe(0)
  })
})
