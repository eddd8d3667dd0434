import { describe, expect, it } from 'vitest'
import type { Attempt, RequestContext } from '../../core/context.ts'
import type { Conversation } from '../../core/conversation/index.ts'
import { GatewayError } from '../../core/errors.ts'
import { HookSet } from '../../core/hook-runtime.ts'
import { type HookName, hookTable } from '../../core/hooks.ts'
import { createLogger } from '../../core/logger.ts'

const context = {} as RequestContext
const conversation = { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns: [], tools: [], sampling: {} } satisfies Conversation

function hookSet(options: { freeze?: boolean; lines?: string[] } = {}): HookSet {
  return new HookSet(
    createLogger({ level: 'error', format: 'json', destination: { write: (line) => void options.lines?.push(line) } }),
    options.freeze ?? false,
  )
}

describe('hooks', () => {
  it('says of every hook whether it is tapped, so that an untapped one costs a property read', () => {
    const hooks = hookSet()
    expect(Object.values(hooks.used).every((used) => used === false)).toBe(true)
    hooks.tapsFor('p').guardRequest.tap(() => undefined)
    expect(hooks.used.guardRequest).toBe(true)
    expect(hooks.used.guardReply).toBe(false)
  })

  it('runs taps in the order they were made, pre before and post after the others', async () => {
    const hooks = hookSet()
    const order: string[] = []
    const taps = hooks.tapsFor('p')
    taps.onRequestEnd.tap(() => void order.push('post'), { order: 'post' })
    taps.onRequestEnd.tap(() => void order.push('first'))
    taps.onRequestEnd.tap(() => void order.push('second'))
    taps.onRequestEnd.tap(() => void order.push('pre'), { order: 'pre' })
    await hooks.run('onRequestEnd', context)
    expect(order).toEqual(['pre', 'first', 'second', 'post'])
  })

  it('tells who taps a hook, in the order in which they run', () => {
    const hooks = hookSet()
    hooks.tapsFor('a').modifyUpstream.tap((request) => request)
    hooks.tapsFor('b').modifyUpstream.tap((request) => request, { order: 'pre' })
    hooks.tapsFor('a').modifyUpstream.tap((request) => request, { order: 'post' })
    expect(hooks.tappedBy('modifyUpstream')).toEqual(['b', 'a', 'a'])
    expect(hooks.tappedBy('guardReply')).toEqual([])
  })

  it('hands each modify tap the value of the one before', async () => {
    const hooks = hookSet()
    hooks.tapsFor('a').modifyConversation.tap((value) => ({ ...value, model: `${value.model}1` }))
    hooks.tapsFor('b').modifyConversation.tap(async (value) => ({ ...value, model: `${value.model}2` }))
    expect((await hooks.run('modifyConversation', conversation, context)).model).toBe('m12')
  })

  it('takes the first answer of a resolver and asks nobody after it', async () => {
    const hooks = hookSet()
    let asked = 0
    hooks.tapsFor('a').resolvePrincipal.tap(() => undefined)
    hooks.tapsFor('b').resolvePrincipal.tap(() => ({ id: 'ada' }))
    hooks.tapsFor('c').resolvePrincipal.tap(() => {
      asked++
      return { id: 'bob' }
    })
    expect(await hooks.run('resolvePrincipal', context)).toEqual({ id: 'ada' })
    expect(asked).toBe(0)
  })

  it('refuses null as an answer, because tapable would take it for one', async () => {
    const hooks = hookSet()
    hooks.tapsFor('p').guardRequest.tap((() => null) as never)
    await expect(hooks.run('guardRequest', context)).rejects.toMatchObject({ code: 'TKL_HOOK_FAILED' })
  })

  it('fails the request when a fail-closed tap throws, and names plugin and hook in the log', async () => {
    const lines: string[] = []
    const hooks = hookSet({ lines })
    hooks.tapsFor('firewall').guardRequest.tap(() => {
      throw new Error('broken')
    })
    await expect(hooks.run('guardRequest', context)).rejects.toMatchObject({ code: 'TKL_HOOK_FAILED' })
    expect(lines.join('')).toContain('"plugin":"firewall"')
    expect(lines.join('')).toContain('"hook":"guardRequest"')
  })

  it('passes over a fail-open tap that throws, and keeps the value of a modify hook', async () => {
    const hooks = hookSet()
    hooks.tapsFor('p').modifyConversation.tap(
      () => {
        throw new Error('broken')
      },
      { onFailure: 'fail-open' },
    )
    expect(await hooks.run('modifyConversation', conversation, context)).toBe(conversation)
  })

  it('lets a tap throw a GatewayError of its own choice', async () => {
    const hooks = hookSet()
    hooks.tapsFor('p').guardRequest.tap(() => {
      throw new GatewayError('TKL_REQUEST_REFUSED', 'No.')
    })
    await expect(hooks.run('guardRequest', context)).rejects.toMatchObject({ code: 'TKL_REQUEST_REFUSED' })
  })

  it('gives up a tap that hangs, aborts its signal, and ignores what it answers later', async () => {
    const lines: string[] = []
    const hooks = hookSet({ lines })
    let aborted = false
    hooks.tapsFor('slow').guardRequest.tap(
      (_context, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true
          })
          setTimeout(() => resolve(new GatewayError('TKL_REQUEST_REFUSED', 'Too late.')), 60)
        }),
      { timeout: 20, onFailure: 'fail-open' },
    )
    expect(await hooks.run('guardRequest', context)).toBeUndefined()
    expect(aborted).toBe(true)
    expect(lines.join('')).toContain('did not answer within 20 ms')
  })

  it('shows an aborted signal to a tap that asks for it when its time is over', async () => {
    const hooks = hookSet()
    const seen = new Promise<boolean>((resolve) => {
      hooks
        .tapsFor('slow')
        .onAttempt.tap((_attempt, _context, tap) => new Promise((done) => setTimeout(() => done(resolve(tap.signal.aborted)), 40)), { timeout: 10 })
    })
    await hooks.run('onAttempt', {} as Attempt, context)
    expect(await seen).toBe(true)
  })

  it('freezes what taps are given when asked to, so that mutation fails loudly', async () => {
    const hooks = hookSet({ freeze: true })
    hooks.tapsFor('p').guardConversation.tap((value) => {
      ;(value.turns as unknown[]).push('mutated')
      return undefined
    })
    await expect(hooks.run('guardConversation', structuredClone(conversation), context)).rejects.toMatchObject({ code: 'TKL_HOOK_FAILED' })
  })

  it('collects the transforms of all plugins for one reply', () => {
    const hooks = hookSet()
    const transform = { event: () => undefined }
    hooks.tapsFor('a').openReply.tap(() => transform)
    hooks.tapsFor('b').openReply.tap(() => undefined)
    hooks.tapsFor('c').openReply.tap(() => transform)
    expect(hooks.openReply(context)).toHaveLength(2)
  })

  it('takes no taps after set-up', () => {
    const hooks = hookSet()
    hooks.seal()
    expect(() => hooks.tapsFor('p').onMeter.tap(() => undefined)).toThrowError(/taps onMeter after set-up/)
  })

  it.each(Object.keys(hookTable) as HookName[])('%s has a stage, a verb that its name begins with, and a sentence', (name) => {
    const { verb, when } = hookTable[name]
    expect(name.startsWith(verb)).toBe(true)
    expect(when).toMatch(/\.$/)
  })
})
