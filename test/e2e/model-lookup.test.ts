import { anthropic, gemini, loopback, modelRoutes, models, openai, openaiChat, protocols, translations } from 'tokligence/plugins'
import { createHarness, type Harness, memoryLedger, type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let upstream: ScriptedUpstream
let harness: Harness

beforeAll(async () => {
  upstream = await startScriptedUpstream({ status: 404, body: {} })
  const settings = { baseUrl: upstream.url, apiKey: 'k' }
  const routes = modelRoutes({ 'gpt*': 'openai', fast: 'openai/gpt-5-mini', 'claude*': 'anthropic' })
  harness = await createHarness({ plugins: [protocols(), translations(), openai(settings), anthropic(settings), routes, models(), memoryLedger()] })
})

afterAll(async () => {
  await harness.close()
  await upstream.close()
})

async function lookUp(path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${harness.url}${path}`, { headers })
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> }
}

const google = { 'x-goog-api-key': 'any' }
const versioned = { 'anthropic-version': '2023-06-01' }

describe('a model that is looked up by its name', () => {
  it.each(['gpt-5', 'fast', 'openai/gpt-5', 'anthropic/claude-x', 'claude-x', 'openai/org/model'])('is there when it can be asked for: %s', async (id) => {
    expect(await lookUp(`/v1/models/${id}`)).toMatchObject({ status: 200, body: { id, object: 'model' } })
    expect(await lookUp(`/v1/models/${id}`, versioned)).toMatchObject({ status: 200, body: { id, type: 'model', display_name: id } })
    expect(await lookUp(`/v1beta/models/${id}`, google)).toMatchObject({ status: 200, body: { name: `models/${id}` } })
  })

  it('comes with what is known of the model behind the name', async () => {
    const { body } = await lookUp('/v1/models/openai/gpt-5', versioned)
    expect(body.max_input_tokens).toEqual(expect.any(Number))
    expect(body).toMatchObject({ max_input_tokens: (await lookUp('/v1/models/gpt-5', versioned)).body.max_input_tokens })
  })

  it.each(['mistral-9', 'nobody/gpt-5', 'openai/'])('is not there when nothing takes it: %s', async (id) => {
    expect(await lookUp(`/v1/models/${id}`)).toMatchObject({ status: 404 })
    expect(await lookUp(`/v1/models/${id}`, versioned)).toMatchObject({ status: 404 })
    expect(await lookUp(`/v1beta/models/${id}`, google)).toMatchObject({ status: 404 })
  })
})

async function post(url: string, path: string, body: object): Promise<{ readonly status: number; readonly message: string }> {
  const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const { error } = (await answer.json()) as { readonly error: { readonly message: string } }
  return { status: answer.status, message: error.message }
}

const messages = [{ role: 'user', content: 'Hello' }]

describe('a request that goes nowhere', () => {
  it('is told which providers there are', async () => {
    expect(await post(harness.url, '/v1/chat/completions', { model: 'gemini-3-pro', messages })).toMatchObject({
      status: 404,
      message: expect.stringContaining('Providers that are configured: openai, anthropic.'),
    })
  })

  it('is told that the provider has no such operation', async () => {
    expect(await post(harness.url, '/v1/embeddings', { model: 'claude-x', input: 'a' })).toEqual({
      status: 400,
      message: 'The provider "anthropic" offers the operation "embed" in no protocol.',
    })
  })

  it('is told where the provider has it, when only the plugins in between are missing', async () => {
    const provider = gemini({ baseUrl: upstream.url, apiKey: 'k' })
    const alone = await createHarness({ plugins: [openaiChat(), provider, loopback(), modelRoutes({ '*': 'gemini' }), memoryLedger()] })
    try {
      expect(await post(alone.url, '/v1/embeddings', { model: 'm', input: 'a' })).toEqual({
        status: 400,
        message: 'The provider "gemini" offers the operation "embed" in gemini, which no configured plugin translates from openai-chat.',
      })
    } finally {
      await alone.close()
    }
  })

  it.each([
    [{}, '"input[0]" must be a message with a role, an item with a type, or a reference with an id.'],
    [{ type: 'item_reference' }, '"input[0].id" must be a string.'],
  ])('is told what is wrong with an item of the input: %j', async (item, message) => {
    expect(await post(harness.url, '/v1/responses', { model: 'claude-x', input: [item] })).toEqual({ status: 400, message })
  })
})
