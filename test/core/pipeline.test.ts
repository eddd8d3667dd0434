import { afterEach, describe, expect, it } from 'vitest'
import { post, sse, startToyGateway, startUpstream, ToyLedger, type ToyOptions } from './toy-gateway.ts'

const open: { close(): Promise<unknown> }[] = []

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

async function boot(play: Parameters<typeof startUpstream>[0], options: Omit<ToyOptions, 'upstream'> = {}) {
  const upstream = await startUpstream(play)
  open.push(upstream)
  const toy = await startToyGateway({ upstream: upstream.url, ...options })
  open.push(toy)
  return { ...toy, upstream }
}

const whole = '{ "text": "hello",  "usage": {"in": 3, "out": 2} }'

describe('one protocol on both sides', () => {
  it('sends the caller’s bytes and gives the provider’s back', async () => {
    const { url, upstream, ledger } = await boot((_request, _body, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'vendor-1' }).end(whole),
    )
    const body = '{"say" : "hi\\u0021",\n "model":"m1"}'
    const answer = await post(`${url}/a?beta=true&key=sk-1`, body, { 'x-request-id': 'mine-1' })
    expect(await answer.text()).toBe(whole)
    expect(upstream.seen[0]).toMatchObject({ body, url: '/reply?beta=true' })
    expect(upstream.seen[0]?.headers.authorization).toBe('Bearer upstream-key-0123456789')
    expect(answer.headers.get('x-request-id')).toBe('mine-1')
    expect(answer.headers.get('x-upstream-request-id')).toBe('vendor-1')
    expect(ledger.records).toMatchObject([
      {
        requestId: 'mine-1',
        model: 'm1',
        path: 'identity',
        ending: 'complete',
        status: 200,
        vendorRequestId: 'vendor-1',
        usage: { inputUncached: 3, output: 2, source: 'measured' },
      },
    ])
  })

  it('patches an alias in place and touches no other byte', async () => {
    const { url, upstream } = await boot((_request, _body, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(whole))
    await post(`${url}/a`, '{"say" : "m-alias",\n "model" :"m-alias" , "x":1.0}')
    expect(upstream.seen[0]?.body).toBe('{"say" : "m-alias",\n "model" :"m-real" , "x":1.0}')
  })

  it('does not send the caller’s credentials, cookies and forwarding headers on', async () => {
    const { url, upstream } = await boot((_request, _body, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(whole))
    await post(
      `${url}/a`,
      { model: 'm1', say: '' },
      { 'x-api-key': 'tk-1', cookie: 'a=b', 'x-forwarded-for': '1.2.3.4', 'x-tokligence-key': 'k', 'x-other': 'kept' },
    )
    const headers = upstream.seen[0]?.headers ?? {}
    expect(headers['x-other']).toBe('kept')
    for (const name of ['x-api-key', 'cookie', 'x-forwarded-for', 'x-tokligence-key', 'x-request-id']) expect(headers[name]).toBeUndefined()
  })

  it('withholds the terminal event of a stream until the row is durable', async () => {
    const ledger = new ToyLedger()
    let pass: () => void = () => undefined
    ledger.gate = new Promise((resolve) => {
      pass = resolve
    })
    const { url } = await boot(
      (_request, _body, response) => {
        sse(response, '{"text":"a"}', '{"usage":{"in":1,"out":1}}', 'END')
        response.end()
      },
      { ledger },
    )
    const answer = await post(`${url}/a`, { model: 'm1', stream: true, say: '' })
    const reader = answer.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>
    const first = Buffer.from((await reader.read()).value ?? []).toString()
    expect(first).toContain('"text":"a"')
    const rest = reader.read()
    const early = await Promise.race([rest.then(() => 'early'), new Promise((resolve) => setTimeout(resolve, 80, 'withheld'))])
    expect(early).toBe('withheld')
    pass()
    expect(Buffer.from((await rest).value ?? []).toString()).toBe('data: END\n\n')
    expect(ledger.records).toHaveLength(1)
  })

  it('tells the caller in its protocol when a stream is cut, and books what came', async () => {
    const { url, ledger } = await boot((_request, _body, response) => {
      sse(response, '{"text":"a"}', '{"text":"b"}')
      setTimeout(() => response.destroy(), 30)
    })
    const text = await (await post(`${url}/a`, { model: 'm1', stream: true, say: '' })).text()
    expect(text).toMatch(/^data: \{"text":"a"\}\n\ndata: \{"text":"b"\}\n\ndata: \{"failed":/)
    expect(text).not.toContain('END')
    expect(ledger.records).toMatchObject([{ ending: 'upstream-error', errorCode: 'TKL_UPSTREAM_CUT', usage: { output: 2, source: 'estimated' } }])
  })

  it('answers with a status when a stream fails before its first event', async () => {
    const { url, ledger } = await boot((_request, _body, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': waking up')
      setTimeout(() => response.destroy(), 20)
    })
    const answer = await post(`${url}/a`, { model: 'm1', stream: true, say: '' })
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ code: 'TKL_UPSTREAM_CUT' })
    expect(ledger.records).toHaveLength(1)
  })

  it('keeps a provider’s refusal as it is', async () => {
    const { url, ledger } = await boot((_request, _body, response) =>
      response.writeHead(429, { 'retry-after': '7', 'content-type': 'text/x' }).end('slow down'),
    )
    const answer = await post(`${url}/a`, { model: 'm1', say: '' })
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([429, '7', 'slow down'])
    expect(ledger.records).toMatchObject([{ status: 429, ending: 'upstream-error', attempts: 1 }])
  })

  it('aborts the provider within 100 ms when the caller leaves, and books it', async () => {
    let leftAt = 0
    let abortedAt = 0
    const { url, ledger } = await boot((request, _body, response) => {
      sse(response, '{"text":"a"}')
      request.socket.on('close', () => {
        abortedAt = Date.now()
      })
    })
    const controller = new AbortController()
    const answer = await fetch(`${url}/a`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"m1","stream":true}',
      signal: controller.signal,
    })
    await answer.body?.getReader().read()
    leftAt = Date.now()
    controller.abort()
    await expect.poll(() => ledger.records.length).toBe(1)
    expect(abortedAt - leftAt).toBeLessThan(100)
    expect(ledger.records).toMatchObject([{ ending: 'client-gone', usage: { output: 1, source: 'estimated' } }])
  })

  it('decompresses an answer that was compressed without being asked', async () => {
    const { gzipSync } = await import('node:zlib')
    const { url } = await boot((_request, _body, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(whole)),
    )
    expect(await (await post(`${url}/a`, { model: 'm1', say: '' })).text()).toBe(whole)
  })
})

describe('a plugin that changes what is sent', () => {
  const cut = (onLoss: 'report' | 'reject') =>
    boot((_request, _body, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(whole), {
      settings: { onLoss },
      setup: ({ hooks }) =>
        hooks.modifyUpstream.tap((request) => ({ ...request, losses: [{ path: 'say', feature: 'secret', action: 'dropped', severity: 'semantic' }] })),
    })

  it('says what is lost by it, in the header and in the row', async () => {
    const { url, ledger } = await cut('report')
    const answer = await post(`${url}/a`, { model: 'm1', say: 'x' })
    expect(answer.headers.get('x-tokligence-losses')).toBe('1')
    expect(ledger.records).toMatchObject([{ path: 'identity', losses: [{ path: 'say', feature: 'secret' }] }])
  })

  it('is not followed where the route takes no such loss', async () => {
    const { url, upstream, ledger } = await cut('reject')
    const answer = await post(`${url}/a`, { model: 'm1', say: 'x' })
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'TKL_LOSS_REJECTED' }])
    expect(upstream.seen).toEqual([])
    expect(ledger.records).toMatchObject([{ ending: 'rejected', losses: [{ feature: 'secret' }] }])
  })
})

describe('two protocols', () => {
  it('translates request and reply, and books a translated path', async () => {
    const { url, upstream, ledger } = await boot((_request, _body, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(whole), {
      speaks: 'b',
    })
    const answer = await post(`${url}/a`, { model: 'm1', say: 'hi' })
    expect(await answer.json()).toEqual({ text: 'hello', by: 'a', usage: { in: 3, out: 2 } })
    expect(JSON.parse(upstream.seen[0]?.body ?? '')).toEqual({ model: 'm1', stream: false, say: 'hi', by: 'b' })
    expect(ledger.records).toMatchObject([{ path: 'translated', protocol: 'a', upstreamProtocol: 'b', finish: 'done' }])
  })

  it('translates a stream, and reports losses in a header and in the row', async () => {
    const { url, ledger } = await boot(
      (_request, _body, response) => {
        sse(response, '{"text":"x"}', '{"usage":{"in":5,"out":1}}', 'END')
        response.end()
      },
      { speaks: 'b' },
    )
    const answer = await post(`${url}/a`, { model: 'm1', stream: true, say: 'a secret' })
    expect(await answer.text()).toBe('data: {"text":"x","by":"a"}\n\ndata: {"usage":{"in":5,"out":1}}\n\ndata: END\n\n')
    expect(answer.headers.get('x-tokligence-losses')).toBe('1')
    expect(ledger.records[0]?.losses).toEqual([{ path: 'say', feature: 'secret', action: 'dropped', severity: 'semantic' }])
  })

  it('refuses a lossy request before anything is sent when the policy says so', async () => {
    const { url, upstream } = await boot((_request, _body, response) => response.end(whole), { speaks: 'b', settings: { onLoss: 'reject' } })
    const answer = await post(`${url}/a`, { model: 'm1', say: 'a secret' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'TKL_LOSS_REJECTED' })
    expect(upstream.seen).toHaveLength(0)
  })

  it('gives an error that comes first in a stream its own status', async () => {
    const { url } = await boot(
      (_request, _body, response) => {
        sse(response, '{"failed":"overloaded"}')
        response.end()
      },
      { speaks: 'b' },
    )
    const answer = await post(`${url}/a`, { model: 'm1', stream: true, say: '' })
    expect(answer.status).toBe(529)
    expect(await answer.json()).toMatchObject({ 'a-error': 'overloaded' })
  })

  it('says which translation is missing', async () => {
    const { url } = await boot((_request, _body, response) => response.end(whole), { speaks: 'a' })
    const answer = await post(`${url}/b`, { model: 'm1', say: '' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'TKL_TRANSLATION_MISSING' })
  })

  it('counts tokens itself where the provider cannot, and says so', async () => {
    const { url } = await boot((_request, _body, response) => response.writeHead(404).end('no'), { speaks: 'b' })
    const answer = await post(`${url}/a/count`, { model: 'm1', say: 'four words of text' })
    expect(answer.headers.get('x-tokligence-token-count')).toBe('estimated')
    expect(await answer.json()).toEqual({ tokens: 5 })
  })
})
