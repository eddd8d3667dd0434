import { afterEach, describe, expect, it } from 'vitest'
import { always, bootToys, closeToys, post, sse } from './toy-gateway.ts'

afterEach(closeToys)

const counted = { model: 'm1', say: 'count me' }

describe('a count of tokens', () => {
  it('is asked of a provider of another protocol, in that one’s words', async () => {
    const { url, upstream } = await bootToys(always('{"tokens":41}'), { speaks: 'b' })
    const answer = await post(`${url}/a/count`, counted)
    expect([answer.status, answer.headers.get('x-tokligence-token-count'), await answer.json()]).toEqual([200, 'provider', { tokens: 41 }])
    expect(upstream.seen.map((request) => [request.url, JSON.parse(request.body)])).toEqual([
      ['/count', { model: 'm1', stream: false, say: 'count me', by: 'b', counting: true }],
    ])
  })

  it('is estimated when the provider fails or answers nonsense, and says so', async () => {
    for (const [status, body] of [
      [500, 'broken'],
      [404, 'nothing here'],
      [429, 'later'],
      [200, '{"other":1}'],
      [200, 'no JSON'],
    ] as const) {
      const { url, ledger } = await bootToys(always(body, status), { speaks: 'b' })
      const answer = await post(`${url}/a/count`, counted)
      expect([answer.status, answer.headers.get('x-tokligence-token-count'), await answer.json()], `${status} ${body}`).toEqual([
        200,
        'estimated',
        { tokens: 2 },
      ])
      expect(ledger.records).toMatchObject([{ operation: 'count-tokens', status: 200, ending: 'complete' }])
    }
  })

  it('shows the caller what the provider finds wrong with the request itself', async () => {
    const { url } = await bootToys(always('say is too long', 400), { speaks: 'b' })
    const answer = await post(`${url}/a/count`, counted)
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('say is too long')])
  })
})

describe('an embedding', () => {
  it('goes through untouched where both sides speak one protocol', async () => {
    const { url, upstream, ledger } = await bootToys(always('{"vectors":[[1]], "usage":{"in":3,"out":0}}'), { speaks: 'a' })
    const answer = await post(`${url}/a/embed`, '{"model":"m1", "inputs":["x"]}')
    expect(await answer.text()).toBe('{"vectors":[[1]], "usage":{"in":3,"out":0}}')
    expect(upstream.seen[0]?.body).toBe('{"model":"m1", "inputs":["x"]}')
    expect(ledger.records).toMatchObject([{ operation: 'embed', path: 'identity', usage: { inputUncached: 3, source: 'measured' } }])
  })

  it('is translated where they do not, and metered', async () => {
    const { url, upstream, ledger } = await bootToys(always('{"vectors":[[0.5,0.25]],"by":"b"}'), { speaks: 'b' })
    const answer = await post(`${url}/a/embed`, { model: 'm-alias', inputs: ['some words'] })
    expect([answer.status, await answer.json()]).toEqual([200, { vectors: [[0.5, 0.25]], by: 'a', model: 'm-alias' }])
    expect(upstream.seen.map((request) => [request.url, JSON.parse(request.body)])).toEqual([['/embed', { model: 'm-real', inputs: ['some words'], by: 'b' }]])
    expect(ledger.records).toMatchObject([{ path: 'translated', usage: { inputUncached: 3, source: 'estimated' }, ending: 'complete' }])
  })

  it('of a single input is asked for as a list of one where the provider has no other way', async () => {
    const { url, upstream } = await bootToys(always('{"vectors":[[1]]}'), { speaks: 'a' })
    const answer = await post(`${url}/a/embed-one`, { model: 'm1', inputs: ['x'] })
    expect([answer.status, upstream.seen[0]?.url]).toEqual([200, '/embed'])
  })

  it('that the provider refuses comes in the caller’s envelope', async () => {
    const { url } = await bootToys(always('too many', 413), { speaks: 'b' })
    const answer = await post(`${url}/a/embed`, { model: 'm1', inputs: ['x'] })
    expect([answer.status, await answer.json()]).toEqual([413, expect.objectContaining({ 'a-error': 'too many' })])
  })
})

describe('a guard of replies', () => {
  it.each([
    ['count', counted, '{"tokens":41}'],
    ['embed', { model: 'm1', inputs: ['x'] }, '{"vectors":[[1]]}'],
  ])('is asked for a translated %s too, and what was spent is booked', async (path, body, reply) => {
    const { url, ledger } = await bootToys(always(reply), {
      speaks: 'b',
      setup: (api) => api.hooks.guardReply.tap(() => ({ response: { status: 451, body: '"no"' } })),
    })
    const answer = await post(`${url}/a/${path}`, body)
    expect([answer.status, await answer.json()]).toEqual([451, 'no'])
    expect(ledger.records).toMatchObject([{ ending: 'rejected', status: 451 }])
    if (path === 'embed') expect(ledger.records[0]?.usage).toMatchObject({ inputUncached: 1, source: 'estimated' })
  })
})

describe('an operation that nobody can translate', () => {
  it('is refused before anything is sent', async () => {
    const { url, upstream } = await bootToys(always('{}'), { speaks: 'b' })
    const answer = await post(`${url}/a/other`, { model: 'm1' })
    expect([answer.status, upstream.seen]).toEqual([400, []])
    expect(await answer.json()).toMatchObject({ code: 'TKL_OPERATION_UNSUPPORTED' })
  })
})

describe('a stream in another form than server-sent events', () => {
  const events = ['{"text":"one"}', '{"text":"two"}', '{"usage":{"in":3,"out":2}}', 'END'] as const
  const lines = { model: 'm1', stream: true, say: 'lines' }

  it.each(['a', 'b'] as const)('is cut into pieces at the edge, whichever protocol the provider speaks (%s)', async (speaks) => {
    const { url } = await bootToys(
      (_request, _body, response) => {
        sse(response, ...events)
        response.end()
      },
      { speaks },
    )
    const answer = await post(`${url}/a?form=lines`, lines)
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toBe('application/x-lines')
    expect(text.split('\n').map((line) => line.replace(/,"by":"a"/, ''))).toEqual([
      '{"text":"one"}',
      '{"text":"two"}',
      expect.stringContaining('"usage"'),
      'END',
      'done',
    ])
  })

  it('tells an error before the first byte by its status, unframed', async () => {
    const { url } = await bootToys(always('busy', 529), { speaks: 'b' })
    const answer = await post(`${url}/a?form=lines`, lines)
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
      529,
      'application/json',
      expect.objectContaining({ 'a-error': 'busy' }),
    ])
  })

  it('tells an error in the middle in its own form, and ends', async () => {
    const { url } = await bootToys(
      (_request, _body, response) => {
        sse(response, '{"text":"one"}', '{"failed":"busy"}')
        response.end()
      },
      { speaks: 'b' },
    )
    const text = await (await post(`${url}/a?form=lines`, lines)).text()
    expect(text.split('\n').slice(1)).toEqual(['{"failed":"busy"}', 'done'])
  })

  it('holds what a guard says', async () => {
    const { url } = await bootToys(always('{}'), {
      setup: (api) =>
        api.hooks.guardConversation.tap(() => ({ reply: { candidates: [{ blocks: [{ type: 'text', text: 'kept' }], finish: { reason: 'stop' } }] } })),
    })
    const text = await (await post(`${url}/a?form=lines`, lines)).text()
    expect(text.split('\n')).toEqual(['{"text":"kept","by":"a"}', expect.stringContaining('"usage"'), 'END', 'done'])
    // What one caller wants is not what the next one gets.
    expect((await post(`${url}/a`, lines)).headers.get('content-type')).toContain('text/event-stream')
  })
})

describe('endpoints that share a path', () => {
  it('are told apart by the parts of the path, too', async () => {
    const { url, upstream } = await bootToys(always('{ "text": "x" }'), { speaks: 'a' })
    expect(await (await post(`${url}/a/models/m1:say`, { model: 'm1' })).text()).toBe('{ "text": "x" }')
    expect((await post(`${url}/a/models/m1:sing`, { model: 'm1' })).status).toBe(404)
    expect(upstream.seen).toHaveLength(1)
  })
})

describe('a provider’s own query', () => {
  it('stands before the caller’s, and wins', async () => {
    const { url, upstream } = await bootToys(always('{ "text": "x" }'), { speaks: 'a' })
    await post(`${url}/a?form=other&more=1`, { model: 'm-query' })
    expect(upstream.seen[0]?.url).toBe('/reply?form=own&more=1')
  })
})
