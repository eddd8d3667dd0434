import { type Attempt, GatewayError, type RequestContext } from 'tokligence'
import requestLog from 'tokligence/plugins/telemetry/request-log'
import { describe, expect, it } from 'vitest'
import { recordingLogger, setUpWithApi } from '../../set-up.ts'

const attempt = {
  target: { provider: 'openai', model: 'gpt-5-mini' },
  closed: { id: 'a', ending: 'complete', duration: 5 },
} as Attempt

const finished = {
  requestId: 'r-1',
  startedAt: Date.now() - 120,
  method: 'POST',
  path: '/v1/chat/completions',
  query: new URLSearchParams('key=tk-secret'),
  headers: { authorization: 'Bearer tk-secret' },
  body: Buffer.from('tk-secret'),
  model: 'fast',
  principal: { id: 'alice' },
  attempts: [attempt],
  losses: [],
  usage: { inputUncached: 10, cacheRead: 5, output: 7, source: 'measured' },
  status: 200,
  error: undefined,
} as unknown as RequestContext

async function lineFor(changes: Partial<RequestContext> = {}) {
  const { logger, lines } = recordingLogger()
  const { api } = await setUpWithApi(requestLog(), { logger })
  await api.hookSet.run('onRequestEnd', { ...finished, ...changes })
  expect(lines).toHaveLength(1)
  return lines[0] as Record<string, unknown>
}

describe('request-log', () => {
  it('writes one line with what the request was and how it went', async () => {
    const line = await lineFor()
    expect(line).toMatchObject({
      level: 30,
      requestId: 'r-1',
      method: 'POST',
      path: '/v1/chat/completions',
      principal: 'alice',
      model: 'fast',
      upstreamModel: 'gpt-5-mini',
      provider: 'openai',
      attempts: 1,
      status: 200,
      ending: 'complete',
      inputTokens: 15,
      outputTokens: 7,
      msg: 'POST /v1/chat/completions 200',
    })
    expect(line.durationMs).toBeGreaterThanOrEqual(120)
    expect(line).not.toHaveProperty('estimated')
  })

  it('never writes headers, query or body', async () => {
    expect(JSON.stringify(await lineFor())).not.toContain('tk-secret')
  })

  it('warns of what the caller did wrong, and leaves out what is not known', async () => {
    const error = new GatewayError('TKL_MODEL_NOT_FOUND', 'No route.')
    const line = await lineFor({ status: 404, error, attempts: [], usage: undefined, model: '', principal: undefined })
    expect(line).toMatchObject({ level: 40, status: 404, error: 'TKL_MODEL_NOT_FOUND' })
    for (const name of ['model', 'provider', 'ending', 'inputTokens', 'outputTokens', 'principal']) expect(line).not.toHaveProperty(name)
  })

  it('calls a failure of ours or a provider’s an error, even after a status of 200', async () => {
    expect(await lineFor({ status: 502 })).toMatchObject({ level: 50 })
    expect(await lineFor({ error: new GatewayError('TKL_UPSTREAM_CUT', 'cut') })).toMatchObject({ level: 50, status: 200, error: 'TKL_UPSTREAM_CUT' })
  })

  it('marks figures that were counted here', async () => {
    expect(await lineFor({ usage: { output: 3, source: 'estimated' } })).toMatchObject({ outputTokens: 3, estimated: true })
  })

  it('names what a translation lost, each feature once, and no more where nothing was', async () => {
    const losses = [
      { path: 'seed', feature: 'seed', action: 'dropped', severity: 'hint' },
      { path: 'logit_bias', feature: 'logit-bias', action: 'dropped', severity: 'semantic' },
      { path: 'messages[0].name', feature: 'name', action: 'dropped', severity: 'hint' },
      { path: 'messages[1].name', feature: 'name', action: 'dropped', severity: 'hint' },
    ] as const
    expect(await lineFor({ losses })).toMatchObject({ semanticLosses: 'logit-bias', hintLosses: 'seed, name' })
    for (const name of ['semanticLosses', 'hintLosses']) expect(await lineFor()).not.toHaveProperty(name)
  })

  it('has a line for a caller that left before any answer', async () => {
    const gone = new GatewayError('TKL_CLIENT_GONE', 'left')
    expect(await lineFor({ status: undefined, error: gone })).toMatchObject({
      level: 40,
      error: 'TKL_CLIENT_GONE',
      msg: 'POST /v1/chat/completions unanswered TKL_CLIENT_GONE',
    })
  })
})
