import { parseEvents, type UpstreamControl } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { conversation, plainProtocol } from './plain-protocol.ts'
import { answerTo, errorTo, eventsOf, loopbackProvider, requestFor, send } from './run-loopback.ts'

const streaming = (text: string) => conversation(text, { stream: true })
const tick = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Starts an exchange whose reader can be steered. */
async function start(text: string, takes: (piece: number) => boolean = () => true) {
  const provider = await loopbackProvider()
  const seen = { pieces: [] as Buffer[], ends: 0, errors: [] as Error[], statuses: [] as number[] }
  const control = provider.exchange?.(requestFor(provider, 'plain', streaming(text), { stream: true }), {
    onHead: (status) => seen.statuses.push(status),
    onData: (chunk) => takes(seen.pieces.push(chunk)),
    onEnd: () => seen.ends++,
    onError: (error) => seen.errors.push(error),
  }) as UpstreamControl
  return { control, seen }
}

describe('the loopback provider', () => {
  it('speaks every protocol that is configured, also those set up after it', async () => {
    const provider = await loopbackProvider(plainProtocol, { ...plainProtocol, id: 'other', tokenCount: undefined as never })
    expect(provider.protocols).toEqual(['plain', 'other'])
    expect([provider.supports('plain', 'generate'), provider.supports('plain', 'count-tokens'), provider.supports('other', 'generate')]).toEqual([
      true,
      true,
      true,
    ])
    expect([provider.supports('other', 'count-tokens'), provider.supports('plain', 'embeddings'), provider.supports('third', 'generate')]).toEqual([
      false,
      false,
      false,
    ])
  })

  it('tells its models', async () => {
    const cards = await (await loopbackProvider()).listModels?.(AbortSignal.timeout(100))
    expect(cards?.map(({ id }) => id)).toEqual(['loopback', 'loopback-embed', 'loopback-tool', 'loopback-think', 'loopback-error', 'loopback-slow'])
  })

  it('takes model and stream from the call, whatever the body says, and minds no query', async () => {
    const provider = await loopbackProvider()
    const request = requestFor(provider, 'plain', conversation('hi'), { model: 'vendor/odd name?', stream: true })
    const { headers, text } = await send(provider, { ...request, path: `${request.path}?beta=true` })
    expect([headers['content-type'], text]).toEqual([expect.stringContaining('event-stream'), expect.stringContaining('"model":"vendor/odd name?"')])
    const failing = requestFor(provider, 'plain', conversation('hi'), { model: 'loopback-error-503' })
    expect((await send(provider, failing)).status).toBe(503)
  })

  it('counts tokens', async () => {
    const provider = await loopbackProvider()
    const answer = await send(provider, requestFor(provider, 'plain', conversation('12345678'), { operation: 'count-tokens' }))
    expect([answer.status, answer.text]).toEqual([200, '{"tokens":2}'])
  })

  it('streams one event per piece under a stream’s content type', async () => {
    const { status, headers, pieces } = await answerTo(streaming('one two three'))
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(pieces.map((piece) => parseEvents(piece.toString()).length)).toEqual(pieces.map(() => 1))
    const events = await eventsOf(conversation('one two three'))
    expect(events.map(({ type }) => type)).toEqual([
      'reply-start',
      'block-start',
      'block-delta',
      'block-delta',
      'block-delta',
      'block-end',
      'usage',
      'finish',
      'reply-end',
    ])
  })

  it('cuts pieces anywhere when it is told to split, and loses nothing', async () => {
    const { pieces, text } = await answerTo(streaming('/split 3 ✓ done'))
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(3)
    expect(parseEvents(text).map(({ data }) => JSON.parse(data).type)).toContain('reply-end')
    expect(text).toContain('✓')
  })

  it('fails with the status that it is told, in the protocol’s own envelope', async () => {
    expect(await errorTo(streaming('/error 404'))).toMatchObject({ status: 404, kind: 'not-found' })
    expect(await errorTo(conversation('x', { model: 'loopback-error' }))).toMatchObject({ status: 500, kind: 'internal' })
    const limited = await answerTo(conversation('/error 429 /think'))
    expect([limited.status, limited.headers['retry-after'], limited.headers['content-type']]).toEqual([429, '1', 'application/json'])
    expect((await answerTo(conversation('/error 400'))).headers).not.toHaveProperty('retry-after')
    expect((await answerTo(conversation('/error 7'))).status).toBe(400)
  })

  it('refuses a body that is no JSON', async () => {
    const provider = await loopbackProvider()
    const { status, text } = await send(provider, requestFor(provider, 'plain', '{"turns":', {}))
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'TKL_REQUEST_JSON'])
  })

  it('fails in the middle of a stream when it is told to, and at once when the answer is whole', async () => {
    const events = await eventsOf(conversation('/error-mid 529 one two three four'))
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { status: 529, kind: 'overloaded' } })
    expect(events.some(({ type }) => type === 'block-delta')).toBe(true)
    expect((await answerTo(conversation('/error-mid 529'))).status).toBe(529)
    expect((await eventsOf(conversation('one two', { model: 'loopback-error-mid-503' }))).at(-1)).toMatchObject({ type: 'error', error: { status: 503 } })
  })

  it('breaks the connection, or ends too early, half-way', async () => {
    const broken = await answerTo(streaming('/cut one two three four'))
    expect([broken.failure, broken.pieces.length > 2, broken.text.includes('reply-end')]).toEqual([expect.any(Error), true, false])
    const ended = await answerTo(streaming('/end one two three four'))
    expect([ended.failure, ended.pieces.length > 2, ended.text.includes('reply-end')]).toEqual([undefined, true, false])
    const whole = await answerTo(conversation('/cut one two three four'))
    expect(whole.failure).toBeInstanceOf(Error)
    expect(whole.text.length).toBeLessThan(Number(whole.headers['content-length']))
  })

  it('pauses before each piece when it is told to be slow', async () => {
    const started = performance.now()
    const { pieces } = await answerTo(streaming('/slow 10 a b c'))
    expect(pieces.length).toBeGreaterThan(6)
    expect(performance.now() - started).toBeGreaterThanOrEqual(pieces.length * 9)
  })

  it('sends nothing more until its reader resumes', async () => {
    const { control, seen } = await start('/repeat 50 la', (piece) => piece !== 3 && piece !== 10)
    await tick(20)
    expect([seen.pieces.length, seen.ends]).toEqual([3, 0])
    control.resume()
    await tick(20)
    expect([seen.pieces.length, seen.ends]).toEqual([10, 0])
    control.resume()
    control.resume()
    await tick(20)
    expect([seen.pieces.length > 50, seen.ends]).toEqual([true, 1])
  })

  it('falls silent when its reader leaves', async () => {
    const { control, seen } = await start('/slow 5 /repeat 100 la')
    await tick(30)
    const reason = new Error('the reader left')
    control.abort(reason)
    expect(seen.errors).toEqual([])
    await tick(1)
    const count = seen.pieces.length
    await tick(30)
    expect([seen.pieces.length, seen.ends, seen.errors]).toEqual([count, 0, [reason]])
    control.abort(reason)
    control.resume()
    await tick(10)
    expect([seen.pieces.length, seen.errors.length]).toEqual([count, 1])
  })

  it('sends nothing at all when its reader leaves at once', async () => {
    const { control, seen } = await start('hi')
    control.abort(new Error('gone'))
    await tick(10)
    expect([seen.statuses, seen.pieces, seen.errors.length]).toEqual([[], [], 1])
  })

  it('lets others run while it sends a long stream', async () => {
    const { seen } = await start('/repeat 20000 la')
    let turns = 0
    while (seen.ends === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      turns++
    }
    expect(seen.pieces.length).toBeGreaterThan(20_000)
    expect(turns).toBeGreaterThan(500)
  })
})
