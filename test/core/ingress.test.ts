import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { post, startToyGateway, startUpstream, type ToyOptions } from './toy-gateway.ts'

const open: { close(): Promise<unknown> }[] = []

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

async function boot(options: Omit<ToyOptions, 'upstream'> = {}) {
  const upstream = await startUpstream((_request, _body, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"text":"ok"}'))
  open.push(upstream)
  const toy = await startToyGateway({ upstream: upstream.url, ...options })
  open.push(toy)
  return { ...toy, upstream }
}

/** fetch sets Host, Origin and the like itself; here they are as the test says. */
function raw(
  url: string,
  headers: Record<string, string>,
  body = '{"model":"m1","say":""}',
  method = 'POST',
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      let text = ''
      response.on('data', (piece) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }))
    })
    request.on('error', reject)
    request.end(method === 'OPTIONS' ? undefined : body)
  })
}

describe('without authentication', () => {
  it.each(['evil.example', 'evil.example:8081', '10.0.0.7'])('does not answer for the host name %s', async (host) => {
    const { url } = await boot()
    const answer = await raw(`${url}/a`, { host })
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'TKL_HOST_REJECTED' })
  })

  it.each(['localhost', 'localhost:99', '127.0.0.1', '127.8.8.8:1', '[::1]:8081', 'app.localhost', 'gateway.lan:8081'])(
    'answers for the host name %s',
    async (host) => {
      const { url } = await boot({ settings: { allowedHosts: ['gateway.lan'] } })
      expect((await raw(`${url}/a`, { host })).status).toBe(200)
    },
  )

  it('refuses a web page of another origin, with or without a preflight', async () => {
    const { url, upstream } = await boot()
    expect((await raw(`${url}/a`, { origin: 'https://evil.example' })).status).toBe(403)
    expect(
      (await raw(`${url}/a`, { origin: 'https://evil.example', 'access-control-request-method': 'POST' }, '', 'OPTIONS')).headers[
        'access-control-allow-origin'
      ],
    ).toBeUndefined()
    expect(upstream.seen).toHaveLength(0)
  })

  it('serves a page of an allowed origin, preflight included', async () => {
    const { url } = await boot({ settings: { allowedOrigins: ['http://localhost:3000'] } })
    const preflight = await raw(
      `${url}/a`,
      { origin: 'http://localhost:3000', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
      '',
      'OPTIONS',
    )
    expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([204, 'x-api-key'])
    const answer = await raw(`${url}/a`, { origin: 'http://localhost:3000' })
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, 'http://localhost:3000'])
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'refuses a body of type "%s", which a page could send unasked',
    async (type) => {
      const { url } = await boot()
      expect((await raw(`${url}/a`, { 'content-type': type })).status).toBe(415)
    },
  )

  it.each(['application/json', 'application/json; charset=utf-8', 'application/vnd.api+json'])('takes a body of type %s', async (type) => {
    const { url } = await boot()
    expect((await raw(`${url}/a`, { 'content-type': type })).status).toBe(200)
  })

  it('does not listen where other machines can reach it', async () => {
    await expect(boot({ settings: { listen: { host: '0.0.0.0', port: 0 } } })).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID' })
  })
})

describe('with authentication', () => {
  const auth: ToyOptions['setup'] = (api) => {
    api.hooks.resolvePrincipal.tap(({ headers }) => (headers['x-api-key'] === 'good' ? { id: 'ada' } : undefined))
    api.addRoute({ method: 'GET', path: '/open', open: true, handle: () => ({ status: 200, body: { fine: true } }) })
    api.addRoute({ method: 'GET', path: '/closed', handle: ({ context }) => ({ status: 200, body: { who: context.principal?.id } }) })
  }

  it('refuses a request that no plugin knows, before its body is read', async () => {
    const { url, upstream } = await boot({ setup: auth })
    const answer = await post(`${url}/a`, { model: 'm1', say: '' }, { 'x-api-key': 'bad' })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'TKL_AUTH_REQUIRED' })
    expect(upstream.seen).toHaveLength(0)
  })

  it('books the principal', async () => {
    const { url, ledger } = await boot({ setup: auth })
    expect((await post(`${url}/a`, { model: 'm1', say: '' }, { 'x-api-key': 'good' })).status).toBe(200)
    expect(ledger.records).toMatchObject([{ principal: 'ada' }])
  })

  it('keeps plugin endpoints closed unless they say that they are open', async () => {
    const { url } = await boot({ setup: auth })
    expect((await fetch(`${url}/open`)).status).toBe(200)
    expect((await fetch(`${url}/closed`)).status).toBe(401)
    expect(await (await fetch(`${url}/closed`, { headers: { 'x-api-key': 'good' } })).json()).toEqual({ who: 'ada' })
  })

  it('may listen on every address', async () => {
    const { gateway } = await boot({ setup: auth, settings: { listen: { host: '0.0.0.0', port: 0 } } })
    expect(gateway.warnings).toEqual([])
  })
})

describe('bad input', () => {
  it.each([
    ['not json', '{"model":"m1",', 400, 'TKL_REQUEST_JSON'],
    ['an array', '[]', 400, 'TKL_REQUEST_JSON'],
    ['nothing', '', 400, 'TKL_REQUEST_JSON'],
    ['no model', '{"say":""}', 400, 'TKL_REQUEST_INVALID'],
    ['a model of a wrong type', '{"model":5}', 400, 'TKL_REQUEST_INVALID'],
    ['two models', '{"model":"m1","model":"m2"}', 400, 'TKL_REQUEST_DUPLICATE_MEMBER'],
    ['an escaped model', '{"mod\\u0065l":"m1"}', 400, 'TKL_REQUEST_DUPLICATE_MEMBER'],
    ['an unknown model', '{"model":"x-9"}', 404, 'TKL_MODEL_NOT_FOUND'],
  ])('%s is refused in the caller’s envelope and booked once', async (_what, body, status, code) => {
    const { url, ledger, upstream } = await boot()
    const answer = await post(`${url}/b`, body)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ 'b-error': expect.any(String), code })
    expect(ledger.records).toMatchObject([{ ending: 'rejected', status, errorCode: code, attempts: 0 }])
    expect(upstream.seen).toHaveLength(0)
  })

  it('names near models, and never answers in another one’s place', async () => {
    const { url } = await boot()
    expect(JSON.stringify(await (await post(`${url}/a`, { model: 'n-alias' })).json())).toContain('m-alias')
  })

  it('lets a caller name provider and model outright', async () => {
    const { url, upstream } = await boot()
    expect((await post(`${url}/a`, { model: 'toy/some-model', say: '' })).status).toBe(200)
    expect(JSON.parse(upstream.seen[0]?.body ?? '{}')).toMatchObject({ model: 'some-model' })
  })

  it('tells unknown paths and wrong methods apart', async () => {
    const { url } = await boot()
    expect((await fetch(`${url}/nowhere`)).status).toBe(404)
    const answer = await fetch(`${url}/a`)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('refuses a body over the limit and a bomb that unpacks over it, and says so before it closes', async () => {
    const { url } = await boot({ settings: { limits: { requestBytes: 100_000 } } })
    const large = JSON.stringify({ model: 'm1', say: 'x'.repeat(1_000_000) })
    const plain = await post(`${url}/a`, large)
    expect(await plain.json()).toMatchObject({ code: 'TKL_REQUEST_TOO_LARGE' })
    const bomb = await fetch(`${url}/a`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: gzipSync(large) })
    expect([plain.status, bomb.status]).toEqual([413, 413])
  })

  it('reads a compressed body', async () => {
    const { url, upstream } = await boot()
    const body = JSON.stringify({ model: 'm1', say: 'packed' })
    const answer = await fetch(`${url}/a`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(body),
    })
    expect(answer.status).toBe(200)
    expect(upstream.seen[0]).toMatchObject({ body })
    expect(upstream.seen[0]?.headers['content-encoding']).toBeUndefined()
  })

  it('survives a caller that leaves in the middle of its body', async () => {
    const { url, ledger } = await boot()
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write('POST /a HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"model"')
    await new Promise((resolve) => setTimeout(resolve, 30))
    socket.destroy()
    await expect.poll(() => ledger.records).toMatchObject([{ ending: 'client-gone' }])
    expect((await post(`${url}/a`, { model: 'm1', say: '' })).status).toBe(200)
  })
})
