import { afterEach, describe, expect, it, vi } from 'vitest'
import { always, bootToys, closeToys, either, post, rawPost, speak, sse } from './toy-gateway.ts'

afterEach(closeToys)

const reply = '{"text":"hi","usage":{"in":100,"out":50}}'

describe('requests', () => {
  it('with a name of a megabyte are refused, and the name is kept out of the ledger', async () => {
    const { url, upstream, ledger } = await bootToys(always(reply))
    for (const letter of ['q', 'm']) {
      const answer = await post(`${url}/a`, { model: letter.repeat(1_000_000), say: 'x' })
      expect(answer.status).toBe(400)
      const text = await answer.text()
      expect(JSON.parse(text)).toMatchObject({ code: 'TKL_REQUEST_INVALID' })
      expect(text.length).toBeLessThan(500)
    }
    expect(upstream.seen).toEqual([])
    expect(ledger.records.map(({ model, ending }) => [model, ending])).toEqual([
      [undefined, 'rejected'],
      [undefined, 'rejected'],
    ])
  })

  it('do not carry a key to the provider in an encoded name', async () => {
    const { url, upstream } = await bootToys(always(reply))
    await post(`${url}/a?%6bey=secret&x=1`, { model: 'm', say: 'x' })
    await post(`${url}/a?x=%20&y`, { model: 'm', say: 'x' })
    expect(upstream.seen.map((seen) => seen.url)).toEqual(['/reply?x=1', '/reply?x=%20&y'])
  })

  it('that ask first are told to go on only after the checks', async () => {
    const { url } = await bootToys(always(reply))
    const text = rawPost('/a', { model: 'm', say: 'x' }, 'expect: 100-continue')
    const body = text.indexOf('\r\n\r\n') + 4
    const refused = speak(url, text.slice(0, body).replace('localhost', 'evil.example'))
    await expect.poll(() => refused.heard.text).toMatch(/TKL_HOST_REJECTED/)
    expect(refused.heard.text).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(refused.heard.text).not.toContain('100 Continue')
    refused.socket.destroy()
    const taken = speak(url, text.slice(0, body))
    await expect.poll(() => taken.heard.text).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    taken.socket.write(text.slice(body))
    await expect.poll(() => taken.heard.text).toContain(reply)
    taken.socket.destroy()
  })

  it('that ask first and are too large are refused unread', async () => {
    const { url } = await bootToys(always(reply), { settings: { limits: { requestBytes: 1_000 } } })
    const head = 'POST /a HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 1001\r\n\r\n'
    const { socket, heard } = speak(url, head)
    await expect.poll(() => heard.text).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  it.each([
    ['what is no HTTP', 'NONSENSE\r\n\r\n', 400],
    ['a head that is too large', `GET /a HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ])('that cannot be parsed get an id and the envelope (%s)', async (_what, text, status) => {
    const { url } = await bootToys(always(reply))
    const { socket, heard } = speak(url, text)
    await expect.poll(() => heard.text).toContain('TKL_REQUEST_ABORTED')
    expect(heard.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(heard.text).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/)
    socket.destroy()
  })
})

describe('answers', () => {
  it('to preflights carry an id', async () => {
    const { url } = await bootToys(always(reply), { settings: { allowedOrigins: ['http://page.test'] } })
    const headers = { origin: 'http://page.test', 'access-control-request-method': 'POST' }
    const own = await fetch(`${url}/a`, { method: 'OPTIONS', headers })
    expect([own.status, own.headers.get('x-request-id')]).toEqual([204, expect.stringMatching(/^[0-9a-f-]{36}$/)])
    const given = await fetch(`${url}/a`, { method: 'OPTIONS', headers: { ...headers, 'x-request-id': 'mine-1' } })
    expect(given.headers.get('x-request-id')).toBe('mine-1')
  })

  it.each(['a', 'b'] as const)('end without waiting for a provider that keeps its connection open (provider speaks %s)', async (speaks) => {
    const left = vi.fn()
    const { url, ledger } = await bootToys(
      (_request, _body, response) => {
        response.on('close', left)
        sse(response, '{"text":"one"}', '{"usage":{"in":9,"out":9}}', 'END')
      },
      { speaks },
    )
    const started = performance.now()
    const text = await (await post(`${url}/a`, { model: 'm', stream: true, say: 'x' })).text()
    expect(performance.now() - started).toBeLessThan(200)
    expect(text).toMatch(/data: END\n\n$/)
    expect(ledger.records).toMatchObject([{ ending: 'complete', usage: { output: 9, source: 'measured' } }])
    await expect.poll(() => left.mock.calls.length, { timeout: 2_000 }).toBe(1)
  })

  it('keep the waiting times, limits and ids of a translated refusal', async () => {
    const vendor = { 'retry-after': '7', 'retry-after-ms': '7000', 'x-ratelimit-remaining': '0', 'request-id': 'req_1', 'x-request-id': 'vendor-1' }
    const { url, ledger } = await bootToys(always('slow down', 429, vendor), { speaks: 'b' })
    const answer = await post(`${url}/a`, { model: 'm', say: 'x' }, { 'x-request-id': 'mine-1' })
    expect(answer.status).toBe(429)
    expect(await answer.json()).toMatchObject({ 'a-error': 'slow down' })
    const { 'x-request-id': vendorId, ...kept } = vendor
    expect(Object.fromEntries(answer.headers)).toMatchObject({ ...kept, 'x-request-id': 'mine-1', 'x-upstream-request-id': vendorId })
    expect(ledger.records).toMatchObject([{ status: 429, vendorRequestId: vendorId }])
  })

  it.each([
    { onLoss: 'allow', header: null, losses: 0 },
    { onLoss: 'report', header: '1', losses: 1 },
  ] as const)('name losses as the policy says ($onLoss)', async ({ onLoss, header, losses }) => {
    const { url, ledger } = await bootToys(either(reply, '{"text":"x"}', '{"usage":{"in":5,"out":1}}', 'END'), { speaks: 'b', settings: { onLoss } })
    for (const stream of [true, false]) {
      const answer = await post(`${url}/a`, { model: 'm', stream, say: 'a secret' })
      await answer.text()
      expect(answer.headers.get('x-tokligence-losses')).toBe(header)
    }
    expect(ledger.records.map((record) => record.losses.length)).toEqual([losses, losses])
  })

  it('stream whatever the spelling of the content type', async () => {
    const events = 'data: {"text":"one"}\n\ndata: {"usage":{"in":9,"out":9}}\n\ndata: END\n\n'
    const { url, ledger } = await bootToys((_request, _body, response) => response.writeHead(200, { 'content-type': 'Text/Event-Stream' }).end(events))
    const answer = await post(`${url}/a`, { model: 'm', stream: true, say: 'x' })
    expect([answer.status, await answer.text()]).toEqual([200, events])
    expect(ledger.records).toMatchObject([{ ending: 'complete', usage: { output: 9, source: 'measured' } }])
  })
})
