import { definePlugin } from 'tokligence'
import { openai, openaiResponses } from 'tokligence/plugins'
import { createHarness, type Harness } from 'tokligence/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { modelRoutes } from '../../../../plugins/router/model-routes/index.ts'
import { type Play, startUpstream } from '../../../core/toy-gateway.ts'

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

const stored = JSON.stringify({ id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-x', output: [] })
const always: Play = (_request, _body, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(stored)

/** Whoever shows a key is the principal of that name. */
const keys = definePlugin({
  kind: 'auth',
  name: 'keys',
  apiVersion: 1,
  options: z.strictObject({}),
  setup: (api) =>
    api.hooks.resolvePrincipal.tap(({ headers }) => (typeof headers['x-tokligence-key'] === 'string' ? { id: headers['x-tokligence-key'] } : undefined)),
})

async function boot({ play = always, providers = ['openai'], auth = false }: { play?: Play; providers?: readonly string[]; auth?: boolean } = {}) {
  const upstream = await startUpstream(play)
  open.push(upstream)
  const harness: Harness = await createHarness({
    plugins: [
      openaiResponses(),
      auth && keys(),
      providers.map((id) => openai({ id, apiKey: `sk-${id}`, baseUrl: `${upstream.url}/${id}/v1` })),
      modelRoutes({ 'gpt*': providers.at(-1) as string }),
    ],
  })
  open.push(harness)
  const ask = (method: string, path: string, key?: string, body?: object) =>
    fetch(harness.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'x-tokligence-key': key }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  const generate = (key?: string) => ask('POST', '/v1/responses', key, { model: 'gpt-x', input: 'Go.' })
  return { ask, generate, seen: upstream.seen }
}

describe('a stored reply', () => {
  it('is asked of the provider that gave it, with that one’s key and without one of ours', async () => {
    const { ask, generate, seen } = await boot({ providers: ['first', 'second'] })
    expect((await ask('GET', '/v1/responses/resp_1')).status).toBe(404)
    expect(seen).toEqual([])
    await generate()
    for (const [method, suffix] of [
      ['GET', '?include[]=reasoning.encrypted_content&key=tk-ours'],
      ['GET', '/input_items?limit=2'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const) {
      const answer = await ask(method, `/v1/responses/resp_1${suffix}`)
      expect([answer.status, await answer.text()]).toEqual([200, stored])
    }
    expect(seen.slice(1).map(({ url }) => decodeURIComponent(url))).toEqual([
      '/second/v1/responses/resp_1?include[]=reasoning.encrypted_content',
      '/second/v1/responses/resp_1/input_items?limit=2',
      '/second/v1/responses/resp_1/cancel',
      '/second/v1/responses/resp_1',
    ])
    expect(new Set(seen.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer sk-second']))
    // It is gone now, and nobody is asked again.
    expect((await ask('GET', '/v1/responses/resp_1')).status).toBe(404)
    expect(seen).toHaveLength(5)
  })

  it('is nobody’s but the principal’s who got it', async () => {
    const { ask, generate, seen } = await boot({ auth: true })
    await generate('ann')
    expect((await ask('GET', '/v1/responses/resp_1', 'ann')).status).toBe(200)
    for (const [method, suffix] of [
      ['GET', ''],
      ['GET', '/input_items'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const) {
      const answer = await ask(method, `/v1/responses/resp_1${suffix}`, 'bob')
      expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'TKL_NOT_FOUND' } }])
      expect((await ask(method, `/v1/responses/resp_1${suffix}`)).status).toBe(401)
    }
    // What this process has not seen may be another principal’s.
    expect((await ask('GET', '/v1/responses/resp_2', 'ann')).status).toBe(404)
    expect(seen).toHaveLength(2)
  })

  it('of an earlier process is looked for where only one provider can have it, if nobody has a name', async () => {
    const { ask, seen } = await boot()
    expect((await ask('GET', '/v1/responses/resp_0')).status).toBe(200)
    expect(seen.map(({ url }) => url)).toEqual(['/openai/v1/responses/resp_0'])
  })

  it.each(['%2E%2E', '%2e', '..%2F..%2Ffiles'])('with the id %s leads to no other place of the provider', async (id) => {
    const { ask, seen } = await boot()
    await ask('DELETE', `/v1/responses/${id}`)
    await ask('GET', `/v1/responses/${id}/input_items`)
    for (const { url } of seen) expect(url).toMatch(/^\/openai\/v1\/responses\/[^/]+(\/input_items)?$/)
  })

  it('is not streamed, and a refusal comes as the provider gave it', async () => {
    const refusal = '{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}'
    const { ask, seen } = await boot({ play: (_request, _body, response) => response.writeHead(429, { 'retry-after': '7' }).end(refusal) })
    const streamed = await ask('GET', '/v1/responses/resp_1?stream=true')
    expect([streamed.status, await streamed.json(), seen]).toMatchObject([400, { error: { param: 'stream' } }, []])
    const refused = await ask('GET', '/v1/responses/resp_1')
    expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([429, '7', refusal])
  })

  it('of a provider that cannot be reached is an error in the caller’s envelope', async () => {
    const { ask } = await boot({ play: (request) => request.socket.destroy() })
    const answer = await ask('GET', '/v1/responses/resp_1')
    expect([answer.status, await answer.json()]).toMatchObject([502, { error: { code: expect.stringMatching(/^TKL_UPSTREAM/) } }])
  })
})
