import { type IncomingHttpHeaders, request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type ScriptedUpstream, startScriptedUpstream } from '../../../core/testing/index.ts'

let upstream: ScriptedUpstream

afterEach(() => upstream.close())

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly pieces: readonly Buffer[]
  readonly text: string
  readonly error: Error | undefined
}

/** Asks once; the pieces as they came, and how the answer ended. */
function ask({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'X-Mixed': 'Case' }, agent: false, ...(signal && { signal }) }
    const call = request(`${upstream.url}/v1/x?y=1`, options, (answer) => {
      const pieces: Buffer[] = []
      const finish = (error?: Error) => resolve({ status: answer.statusCode, headers: answer.headers, pieces, text: Buffer.concat(pieces).toString(), error })
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.once('end', () => finish())
      answer.once('error', finish)
      call.off('error', reject).on('error', finish)
    })
    call.once('error', reject)
    call.end('{"a":1}')
  })
}

describe('startScriptedUpstream', () => {
  it('captures the request as it arrived', async () => {
    upstream = await startScriptedUpstream({ body: { ok: true } })
    const { headers, text } = await ask()
    expect(headers['content-type']).toBe('application/json')
    expect(text).toBe('{"ok":true}')
    const { method, path, body, rawHeaders } = upstream.lastRequest
    expect({ method, path, body: body.toString(), json: upstream.lastRequest.json() }).toEqual({
      method: 'POST',
      path: '/v1/x?y=1',
      body: '{"a":1}',
      json: { a: 1 },
    })
    expect(rawHeaders).toContain('X-Mixed')
  })

  it('gives queued answers once each, then the standing one, then 500', async () => {
    upstream = await startScriptedUpstream()
    upstream.reply({ body: 'first' }, (captured) => ({ status: 201, body: captured.body }))
    expect(await ask()).toMatchObject({ status: 200, text: 'first' })
    expect(await ask()).toMatchObject({ status: 201, text: '{"a":1}' })
    expect((await ask()).status).toBe(500)
    upstream.always({ body: 'standing', headers: { 'X-A': ['1', '2'] } })
    expect(await ask()).toMatchObject({ text: 'standing', headers: { 'x-a': '1, 2' } })
    expect(upstream.requests).toHaveLength(4)
  })

  it('splits a body into pieces of so many bytes, through characters', async () => {
    upstream = await startScriptedUpstream({ body: 'Grüße, 你好', pieceBytes: 3 })
    const { pieces, text } = await ask()
    expect(text).toBe('Grüße, 你好')
    expect(pieces.length).toBeGreaterThan(1)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(3)
  })

  it('waits between pieces', async () => {
    upstream = await startScriptedUpstream({ pieces: ['a', 'b', 'c'], delay: 40 })
    const started = performance.now()
    const { pieces } = await ask()
    expect(pieces.map(String)).toEqual(['a', 'b', 'c'])
    expect(performance.now() - started).toBeGreaterThan(75)
  })

  it('cuts the body, with a clean end or with a reset', async () => {
    upstream = await startScriptedUpstream()
    upstream.reply({ body: 'abcdef', cutAfter: 4 }, { pieces: ['ab', 'cd'], cutAfter: 3, ending: 'reset' })
    expect(await ask()).toMatchObject({ text: 'abcd', error: undefined })
    const reset = await ask()
    expect(reset.text).toBe('abc')
    expect(reset.error).toBeInstanceOf(Error)
  })

  it('hangs before the head or behind the body, and sees the caller go', async () => {
    upstream = await startScriptedUpstream()
    upstream.reply({ headDelay: Number.POSITIVE_INFINITY }, { body: 'ab', ending: 'hang' })
    await expect(ask({ signal: AbortSignal.timeout(50) })).rejects.toThrow(/abort|timeout/i)
    await expect(upstream.lastRequest.gone).resolves.toBeGreaterThan(0)
    const left = performance.now()
    expect(await ask({ signal: AbortSignal.timeout(50) })).toMatchObject({ text: 'ab' })
    expect((await upstream.lastRequest.gone) - left).toBeLessThan(500)
  })
})
