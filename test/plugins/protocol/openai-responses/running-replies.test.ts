import type { RequestContext } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { ReplyOwners } from '../../../../plugins/protocol/openai-responses/stored/reply-owners.ts'
import { RunningReplies } from '../../../../plugins/protocol/openai-responses/stored/running-replies.ts'

const keeper = { provider: 'openai', account: 'a' }

/** As much of a request as is looked at. */
function requestOf(id: string, principal?: string, signal = new AbortController().signal): RequestContext {
  return { id, signal, ...(principal !== undefined && { principal: { id: principal } }) } as RequestContext
}

describe('running replies', () => {
  it('are waited for by their own ids, and by their callers alone', async () => {
    const running = new RunningReplies()
    running.begin(requestOf('0-1', 'ann'), undefined)
    running.begin(requestOf('0-2', 'ann'), keeper)
    running.name('0-2', 'resp_native')
    for (const [name, id] of [
      ['ann', 'resp_0'],
      ['bob', 'resp_native'],
      [undefined, 'resp_01'],
    ] as const)
      expect(await running.wait(requestOf('0-3', name), id, 1_000)).toBe('unknown')
    const waits = ['resp_01', 'resp_native'].map((id) => running.wait(requestOf('0-3', 'ann'), id, 10_000))
    for (const request of ['0-1', '0-2']) running.end(request)
    expect(await Promise.all(waits)).toEqual(['over', 'over'])
    expect(await running.wait(requestOf('0-3', 'ann'), 'resp_native', 1_000)).toBe('unknown')
  })

  it('are waited for until the time is over, or the caller has left', async () => {
    const running = new RunningReplies()
    running.begin(requestOf('0-1', 'ann'), undefined)
    expect(await running.wait(requestOf('0-3', 'ann'), 'resp_01', 10)).toBe('late')
    const gone = new AbortController()
    const waiting = running.wait(requestOf('0-3', 'ann', gone.signal), 'resp_01', 10_000)
    gone.abort(new Error('The caller has left.'))
    await expect(waiting).rejects.toThrow('The caller has left.')
    await expect(running.wait(requestOf('0-3', 'ann', gone.signal), 'resp_01', 10_000)).rejects.toThrow('The caller has left.')
  })

  it('are the last attempt’s, and one that takes over an id keeps it when the other ends', async () => {
    const running = new RunningReplies()
    running.begin(requestOf('0-1', 'ann'), keeper)
    running.name('0-1', 'resp_x')
    expect(running.find('ann', 'resp_x')).toMatchObject({ keeper })
    running.begin(requestOf('0-1', 'ann'), undefined)
    expect(running.find('ann', 'resp_01')?.keeper).toBeUndefined()
    running.begin(requestOf('0-2', 'ann'), keeper)
    running.name('0-2', 'resp_x')
    running.end('0-1')
    expect(running.find('ann', 'resp_x')).toMatchObject({ keeper })
    expect(running.delete('ann', 'resp_x')).toBe(true)
    expect([running.isDeleted('0-2'), running.deletedIds('0-2')]).toEqual([true, ['resp_x']])
    expect(running.delete('bob', 'resp_x')).toBe(false)
  })

  it('are given up, the oldest first, where too many run', async () => {
    const running = new RunningReplies()
    for (let index = 0; index <= 10_000; index++) running.begin(requestOf(`0-${index}`, 'ann'), undefined)
    expect(running.find('ann', 'resp_00')).toBeUndefined()
    expect(running.find('ann', 'resp_01')).toBeDefined()
  })
})

describe('owners of replies', () => {
  it('have each their own of an id, and are foreign to it otherwise', () => {
    const owners = new ReplyOwners()
    owners.remember('resp_1', { ...keeper, principal: undefined })
    expect([owners.named, owners.isForeign('ann', 'resp_1'), owners.isForeign(undefined, 'resp_1')]).toEqual([false, true, false])
    owners.remember('resp_1', { ...keeper, principal: 'ann' })
    owners.remember('resp_1', { ...keeper, principal: 'ann', provider: 'second' })
    expect([owners.named, owners.find('ann', 'resp_1')?.provider, owners.find(undefined, 'resp_1')?.provider]).toEqual([true, 'second', 'openai'])
    owners.forget('ann', 'resp_1')
    expect(owners.isForeign('ann', 'resp_1')).toBe(true)
    owners.forget(undefined, 'resp_1')
    expect(owners.isForeign('ann', 'resp_1')).toBe(false)
  })

  it('are forgotten, the oldest first, where there are too many', () => {
    const owners = new ReplyOwners()
    for (let index = 0; index <= 10_000; index++) owners.remember(`resp_${index}`, { ...keeper, principal: 'ann' })
    expect([owners.find('ann', 'resp_0'), owners.isForeign('bob', 'resp_0'), owners.isForeign('bob', 'resp_1')]).toEqual([undefined, false, true])
  })
})
