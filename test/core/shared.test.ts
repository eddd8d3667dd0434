import { describe, expect, it } from 'vitest'
import { SharedStore } from '../../core/shared.ts'

describe('shared things', () => {
  it('are made once for a key and disposed when the last one who asked gives them back', async () => {
    const store = new SharedStore()
    const disposed: number[] = []
    let made = 0
    const acquire = () =>
      store.acquire(
        'counter',
        () => ({ number: ++made }),
        (value) => void disposed.push(value.number),
      )
    expect(acquire()).toBe(acquire())
    await store.release('counter')
    expect(disposed).toEqual([])
    await store.release('counter')
    expect(disposed).toEqual([1])
    expect(store.size).toBe(0)
  })

  it('keep their state when a new generation asks before the old one gives back', async () => {
    const store = new SharedStore()
    const acquire = () =>
      store.acquire(
        'limiter',
        () => new Map<string, number>(),
        () => undefined,
      )
    acquire().set('ada', 3)
    const next = acquire()
    await store.release('limiter')
    expect(next.get('ada')).toBe(3)
    expect(acquire()).toBe(next)
  })

  it('are made anew after they were disposed', async () => {
    const store = new SharedStore()
    const first = store.acquire(
      'x',
      () => ({}),
      () => undefined,
    )
    await store.release('x')
    expect(
      store.acquire(
        'x',
        () => ({}),
        () => undefined,
      ),
    ).not.toBe(first)
  })
})
