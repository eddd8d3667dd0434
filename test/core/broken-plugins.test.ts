import { createGateway, definePlugin, GatewayError, type PluginApi, type ReplyTransform } from 'tokligence'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { always, bootToys, closeToys, either, pause, post, sse } from './toy-gateway.ts'

const unhandled = vi.fn()

beforeEach(() => {
  unhandled.mockClear()
  process.on('unhandledRejection', unhandled)
})

afterEach(async () => {
  await closeToys()
  process.off('unhandledRejection', unhandled)
})

const reply = '{"text":"one","usage":{"in":100,"out":50}}'
const play = either(reply, '{"text":"one"}', '{"text":"two"}', '{"usage":{"in":9,"out":9}}', 'END')
const fail = () => {
  throw new Error('a bug')
}
const closed = { onFailure: 'fail-closed' } as const
const refusal = () => new GatewayError('TKL_REQUEST_REFUSED', 'no')

describe('hooks after the fact that throw', () => {
  const taps: Record<string, (api: PluginApi) => void> = {
    modifyCharge: (api) => api.hooks.modifyCharge.tap(fail, closed),
    onMeter: (api) => api.hooks.onMeter.tap(fail, closed),
    onRequestEnd: (api) => api.hooks.onRequestEnd.tap(fail, closed),
  }

  it.each(Object.keys(taps))('keep neither the answer nor the row back (%s, fail-closed)', async (name) => {
    const { url, ledger } = await bootToys(play, { setup: (api) => taps[name]?.(api) })
    const answer = await post(`${url}/a`, { model: 'm', say: 'x' })
    expect([answer.status, await answer.text()]).toEqual([200, reply])
    expect([ledger.records.length, ledger.closed.length]).toEqual([1, 1])
    await pause(20)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('keep no refusal back (onError, fail-closed)', async () => {
    const { url, ledger } = await bootToys(always('broken', 500), { setup: (api) => api.hooks.onError.tap(fail, closed) })
    const answer = await post(`${url}/a`, { model: 'm', say: 'x' })
    expect([answer.status, await answer.text()]).toEqual([500, 'broken'])
    expect(ledger.records).toMatchObject([{ status: 500, ending: 'upstream-error' }])
    await pause(20)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('a reply transform', () => {
  const boot = (event: ReplyTransform['event'], onFailure?: 'fail-open' | 'fail-closed', onLog?: (line: string) => void) =>
    bootToys(play, { ...(onLog && { onLog }), setup: (api) => api.hooks.openReply.tap(() => ({ event }), { ...(onFailure && { onFailure }) }) })

  it.each([true, false])('that throws fails the reply and is named in the log (stream: %s)', async (stream) => {
    const lines: string[] = []
    const { url, ledger } = await boot(fail, undefined, (line) => lines.push(line))
    const answer = await post(`${url}/a`, { model: 'm', stream, say: 'x' })
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ code: 'TKL_HOOK_FAILED' })
    expect(lines.some((line) => line.includes('hook openReply of plugin probe failed'))).toBe(true)
    expect(ledger.records).toMatchObject([{ errorCode: 'TKL_HOOK_FAILED', ending: 'rejected' }])
  })

  it.each([true, false])('that throws and is fail-open lets the events pass (stream: %s)', async (stream) => {
    const { url, ledger } = await boot(fail, 'fail-open')
    const text = await (await post(`${url}/a`, { model: 'm', stream, say: 'x' })).text()
    expect(text).toContain('one')
    expect(text.includes('END')).toBe(stream)
    expect(ledger.records).toMatchObject([{ ending: 'complete', usage: { source: 'measured' } }])
  })

  it('ends a stream with the error that it emits', async () => {
    const { url, ledger } = await boot((event, emit) => {
      const ends = event.type === 'block-delta' && event.delta.type === 'text' && event.delta.text === 'two'
      emit(ends ? { type: 'error', error: { status: 403, kind: 'permission', message: 'stop' } } : event)
    })
    const text = await (await post(`${url}/a`, { model: 'm', stream: true, say: 'x' })).text()
    expect(text).toBe('data: {"text":"one","by":"a"}\n\ndata: {"failed":"stop"}\n\n')
    expect(ledger.records[0]?.ending).not.toBe('complete')
  })

  it.each([true, false])('gives an error that it emits first its own status (stream: %s)', async (stream) => {
    const { url } = await boot((_event, emit) => emit({ type: 'error', error: { status: 403, kind: 'permission', message: 'stop' } }))
    const answer = await post(`${url}/a`, { model: 'm', stream, say: 'x' })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ 'a-error': 'stop' })
  })

  it.each([true, false])('says nothing more after it has ended the reply (stream: %s)', async (stream) => {
    const { url } = await boot((event, emit) => {
      emit(event)
      if (event.type !== 'finish') return
      emit({ type: 'reply-end' })
      emit({ type: 'block-delta', index: 0, delta: { type: 'text', text: 'LATE' } })
    })
    const text = await (await post(`${url}/a`, { model: 'm', stream, say: 'x' })).text()
    expect(text).toContain('one')
    expect(text).not.toContain('LATE')
    expect(text.split('END')).toHaveLength(stream ? 2 : 1)
  })

  it('is asked for once per reply, not once per attempt', async () => {
    let calls = 0
    const opened = vi.fn()
    const ended = vi.fn()
    const { url } = await bootToys((request, body, response) => (calls++ < 2 ? always('busy', 429) : always(reply))(request, body, response), {
      setup: (api) => {
        api.hooks.resolveRetry.tap(({ target }) => ({ target }))
        api.hooks.openReply.tap(() => {
          opened()
          return { event: (event, emit) => emit(event), end: ended }
        })
      },
    })
    expect((await post(`${url}/a`, { model: 'm', say: 'x' })).status).toBe(200)
    expect([calls, opened.mock.calls.length, ended.mock.calls.length]).toEqual([3, 1, 1])
  })
})

describe('guards', () => {
  it.each([true, false])('leave the provider, and ask for no other one, when they refuse a reply (stream: %s)', async (stream) => {
    const left = vi.fn()
    const retried = vi.fn()
    const { url, upstream, ledger } = await bootToys(
      (request, body, response) => {
        response.on('close', left)
        if (stream) sse(response, '{"text":"a"}')
        else always(reply)(request, body, response)
      },
      {
        setup: (api) => {
          api.hooks.guardReply.tap(refusal)
          api.hooks.resolveRetry.tap(() => void retried())
        },
      },
    )
    const answer = await post(`${url}/a`, { model: 'm', stream, say: 'x' })
    expect(await answer.json()).toMatchObject({ code: 'TKL_REQUEST_REFUSED' })
    await expect.poll(() => left.mock.calls.length, { timeout: 150 }).toBe(1)
    expect([retried.mock.calls.length, upstream.seen.length]).toEqual([0, 1])
    expect(ledger.records).toMatchObject([{ ending: 'rejected', attempts: 1 }])
  })

  it('leave counts and other operations as they are', async () => {
    const setup = (api: PluginApi) => {
      api.hooks.guardReply.tap(() => undefined)
      api.hooks.openReply.tap(() => ({ event: (event, emit) => emit(event) }))
    }
    const { url } = await bootToys((_request, _body, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{ "odd": 7 }'), {
      setup,
    })
    for (const [path, counter] of [
      ['/a/count', 'provider'],
      ['/a/other', null],
    ] as const) {
      const answer = await post(url + path, { model: 'm', say: 'x'.repeat(400) })
      expect([answer.status, await answer.text(), answer.headers.get('x-tokligence-token-count')]).toEqual([200, '{ "odd": 7 }', counter])
    }
  })

  it('write no row when they answer on a plugin’s own endpoint, and their headers have one spelling', async () => {
    const headers = { 'Content-Type': 'text/plain', 'X-Request-Id': 'forged' }
    const { url, ledger } = await bootToys(play, {
      setup: (api) => {
        api.addRoute({ method: 'GET', path: '/own', handle: () => ({ status: 200, headers, body: { a: 1 } }) })
        api.hooks.guardRequest.tap(({ path, query }) => (path === '/own' && query.has('no') ? { response: { status: 403, headers, body: 'no' } } : undefined))
      },
    })
    for (const [path, status, body] of [
      ['/own', 200, '{"a":1}'],
      ['/own?no=1', 403, 'no'],
    ] as const) {
      const answer = await fetch(url + path, { headers: { 'x-request-id': 'mine-1' } })
      expect([answer.status, await answer.text()]).toEqual([status, body])
      expect([answer.headers.get('content-type'), answer.headers.get('x-request-id')]).toEqual(['text/plain', 'mine-1'])
    }
    expect(ledger.records).toEqual([])
  })
})

describe('plugins at odds with the caller, or with each other', () => {
  it.each([true, false])('cannot change whether the answer streams (stream: %s)', async (stream) => {
    const { url, upstream, ledger } = await bootToys(play, {
      setup: (api) => api.hooks.modifyConversation.tap((conversation) => ({ ...conversation, stream: !conversation.stream })),
    })
    const answer = await post(`${url}/a`, { model: 'm', stream, say: 'x' })
    expect(answer.headers.get('content-type')).toContain(stream ? 'text/event-stream' : 'application/json')
    expect(JSON.parse(upstream.seen[0]?.body ?? '')).toMatchObject({ stream })
    expect(ledger.records).toMatchObject([{ stream, ending: 'complete' }])
  })

  it('are a fault of the configuration when two answer on one path', async () => {
    const endpoint = (name: string) =>
      definePlugin({
        kind: 'admin',
        name,
        apiVersion: 1,
        options: z.strictObject({}),
        setup: (api) => api.addRoute({ method: 'GET', path: '/same', handle: () => ({ status: 200, body: name }) }),
      })()
    const assembling = createGateway({ log: { level: 'silent' }, plugins: [endpoint('one'), endpoint('two')] })
    await expect(assembling).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining('GET /same') })
  })
})
