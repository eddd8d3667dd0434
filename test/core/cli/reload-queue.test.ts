import { describe, expect, it } from 'vitest'
import { ReloadQueue } from '../../../core/cli/reload-queue.ts'

describe('the reload queue', () => {
  it('runs one reload at a time, and gathers what happens meanwhile into one more', async () => {
    const runs: (readonly string[])[] = []
    let live = 0
    const queue = new ReloadQueue(async (paths) => {
      expect(++live).toBe(1)
      runs.push(paths)
      await new Promise((resolve) => setTimeout(resolve, 20))
      live--
    })
    queue.add(['a', 'b'])
    queue.add(['c'])
    queue.add(['d', 'c'])
    await queue.idle()
    expect(runs).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    queue.add(['e'])
    await queue.idle()
    expect(runs).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })
})
