import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { definePlugin, httpProvider, type Plugin } from 'tokligence'
import { loopback, modelRoutes, openaiChat } from 'tokligence/plugins'
import { createHarness, type Harness, memoryLedger, type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = join(root, 'test', '.examples')
const pages = ['docs/plugin-authoring.md', 'docs/config.md'].map((page) => readFileSync(join(root, page), 'utf8')).join('\n')

/** The factory that an example of the documentation exports. */
async function example<Factory>(name: string): Promise<Factory> {
  const text = [...pages.matchAll(/```ts\n(import [\s\S]*?)```/g)].map(([, code]) => code ?? '').find((code) => code.includes(`export const ${name} = `))
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, text ?? '')
  return ((await import(file)) as Record<string, Factory>)[name] as Factory
}

type Factory = (options?: object) => Plugin

/** Somebody who speaks the example protocol. */
const notary = definePlugin({
  kind: 'provider',
  name: 'notary',
  apiVersion: 1,
  options: z.strictObject({ at: z.string() }),
  setup: ({ id }, { at }) =>
    httpProvider({
      id,
      baseUrl: at,
      protocols: ['notes'],
      endpoints: { notes: { generate: '/notes' } },
      key: undefined,
      keyRequired: false,
      authorize: () => ({}),
      forwardable: [],
    }),
})

let upstream: ScriptedUpstream
let harness: Harness
const ledger = memoryLedger()

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  upstream = await startScriptedUpstream()
  const [notes, notesToOpenaiChat, harbour, embeddingGuard] = await Promise.all(
    ['notes', 'notesToOpenaiChat', 'harbour', 'embeddingGuard'].map((name) => example<Factory>(name)),
  )
  const settings = { baseUrl: upstream.url, apiKey: 'k' }
  harness = await createHarness({
    plugins: [
      notes?.(),
      openaiChat(),
      notesToOpenaiChat?.(),
      harbour?.(settings),
      notary({ at: upstream.url }),
      modelRoutes({ '*': 'harbour', 'own*': 'notary' }),
      embeddingGuard?.({ words: ['xyzzy'] }),
      ledger,
    ].filter((plugin) => plugin !== undefined),
  })
})

afterAll(async () => {
  await harness.close()
  await upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

const post = (path: string, body: object) =>
  fetch(`${harness.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

it('serves callers of the example protocol from the example provider through the example translation, and reports what is lost', async () => {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'Good day.' }, finish_reason: 'stop' }]
  upstream.reply({ body: { id: 'c1', object: 'chat.completion', created: 1, model: 'm', choices, usage } })
  const answer = await post('/notes', { model: 'm', note: 'Hello', colour: 'red' })
  expect(await answer.json()).toEqual({ id: 'c1', text: 'Good day.', tokens: { in: 3, out: 2 } })
  expect(upstream.lastRequest.json()).toMatchObject({ model: 'm', max_completion_tokens: 512, messages: [{ role: 'user', content: 'Hello' }] })
  expect(upstream.lastRequest.headers.authorization).toBe('Bearer k')
  expect(ledger.records().at(-1)?.losses).toMatchObject([
    { path: 'max_tokens', action: 'invented' },
    { path: 'colour', action: 'dropped' },
  ])
})

it('streams through the example protocol', async () => {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: 'c2', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  const last = `data: ${JSON.stringify({ id: 'c2', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })}\n\ndata: [DONE]\n\n`
  upstream.reply({
    headers: { 'content-type': 'text/event-stream' },
    pieces: [chunk({ content: 'Good ' }), chunk({ content: 'day.' }), chunk({}, 'stop'), last],
  })
  const answer = await post('/notes', { model: 'm', stream: true, note: 'Hello' })
  expect(await answer.text()).toBe('data: {"text":"Good "}\n\ndata: {"text":"day."}\n\ndata: {"done":true,"tokens":{"in":3,"out":2}}\n\n')
})

it('passes the bytes of the example protocol on where both sides speak it, and meters them', async () => {
  const pieces = ['data: {"text":"Good', ' day."}\n\n', 'data: {"done":true, "tokens":{"in":3,"out":2}}\n\n']
  upstream.reply({ headers: { 'content-type': 'text/event-stream' }, pieces, delay: 5 })
  const streamed = await post('/notes', { model: 'own', stream: true, note: 'Hello', colour: 'red' })
  expect(await streamed.text()).toBe(pieces.join(''))
  expect(upstream.lastRequest.json()).toEqual({ model: 'own', stream: true, note: 'Hello', colour: 'red' })
  expect(ledger.records().at(-1)).toMatchObject({ path: 'identity', ending: 'complete', usage: { inputUncached: 3, output: 2 } })
  upstream.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: pieces.slice(0, 2) })
  await (await post('/notes', { model: 'own', stream: true, note: 'Hello' })).text()
  expect(ledger.records().at(-1)).toMatchObject({ ending: 'upstream-error' })
  upstream.reply({ status: 429, body: { failure: 'Too much.' } })
  const refused = await post('/notes', { model: 'own', note: 'Hello' })
  expect({ status: refused.status, body: await refused.json() }).toEqual({ status: 429, body: { failure: 'Too much.' } })
})

it('refuses a forbidden word in an embedding, however it is escaped, with the example guard', async () => {
  const body = '{"model": "m", "input": "xy\\u007azy"}'
  const refused = await fetch(`${harness.url}/v1/embeddings`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(refused.status).toBe(403)
  upstream.reply({
    body: { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [1] }], model: 'm', usage: { prompt_tokens: 1, total_tokens: 1 } },
  })
  expect((await post('/v1/embeddings', { model: 'm', input: 'plain' })).status).toBe(200)
})

it('knows callers by the digest of their key with the example of authentication', async () => {
  const teamKeys = await example<Factory>('teamKeys')
  const principals = { '2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683': 'alice' } // of "key"
  const rows = memoryLedger()
  const guarded = await createHarness({ plugins: [openaiChat(), loopback(), modelRoutes({ '*': 'loopback' }), teamKeys({ principals }), rows] })
  const ask = async (headers: Record<string, string>) => {
    const body = JSON.stringify({ model: 'loopback', messages: [{ role: 'user', content: 'Hello' }] })
    return (await fetch(`${guarded.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })).status
  }
  try {
    expect([await ask({}), await ask({ authorization: 'Bearer other' }), await ask({ 'x-api-key': 'other' })]).toEqual([401, 401, 401])
    expect([await ask({ authorization: 'Bearer key' }), await ask({ 'x-api-key': 'key' }), await ask({ 'x-goog-api-key': 'key' })]).toEqual([200, 200, 200])
    expect(rows.records().at(-1)?.principal).toBe('alice')
  } finally {
    await guarded.close()
  }
})
