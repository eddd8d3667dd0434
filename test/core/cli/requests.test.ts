import { describe, expect, it } from 'vitest'
import type { RecordQuery, RequestRecord } from '../../../core/contracts/ledger.ts'
import { workspace } from '../config/workspace.ts'
import { captureIo, runCommand } from './captured-io.ts'

const translated: RequestRecord = {
  id: '019a2f3c-0000-7000-8000-000000000001',
  requestId: 'caller-7',
  startedAt: Date.UTC(2026, 0, 31, 8, 0, 12),
  protocol: 'first-wire',
  operation: 'generate',
  stream: true,
  model: 'small',
  provider: 'there',
  upstreamModel: 'large-2',
  upstreamProtocol: 'second-wire',
  path: 'translated',
  status: 200,
  ending: 'complete',
  finish: 'stop',
  vendorRequestId: 'req_1',
  attempts: 1,
  timeToFirstByte: 301.4,
  duration: 1_200,
  usage: { inputUncached: 10, cacheRead: 5, output: 7, reasoning: 2, source: 'measured' },
  cost: 1_500,
  currency: 'USD',
  losses: [
    { path: 'logit_bias', feature: 'logit-bias', action: 'dropped', severity: 'semantic' },
    { path: 'seed', feature: 'seed', action: 'approximated', severity: 'hint', detail: 'a near one' },
  ],
}

const refused: RequestRecord = {
  id: '019a2f3c-0000-7000-8000-000000000002',
  requestId: '019a2f3c-0000-7000-8000-000000000002',
  startedAt: Date.UTC(2026, 0, 31, 8, 0, 13),
  protocol: 'first-wire',
  operation: 'generate',
  stream: false,
  model: 'none\u001B[31m',
  status: 404,
  ending: 'rejected',
  errorCode: 'TKL_MODEL_NOT_FOUND',
  attempts: 0,
  duration: 3,
  losses: [],
}

async function requests(records: readonly RequestRecord[], ...options: string[]) {
  const files = workspace({
    'gateway.config.ts': `
      const ledger = { recover: async () => { throw new Error('a command must not recover') }, requests: async (query) => { globalThis.seenQuery = query; return ${JSON.stringify(records)} } }
      export default { plugins: [{ kind: 'ledger', id: 'small', name: 'small', apiVersion: 1, setup: () => ledger }] }
    `,
  })
  const io = captureIo(files.folder)
  const code = await runCommand(['requests', ...options], io)
  return { code, out: io.out, error: io.error, query: (globalThis as unknown as { readonly seenQuery: RecordQuery }).seenQuery }
}

describe('tokligence requests', () => {
  it('prints a line per request, with who answered, how it ended, its tokens and how many losses it had', async () => {
    const { code, out } = await requests([refused, translated])
    expect(code).toBe(0)
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['time (UTC)', 'asked in', 'model → answered by', 'status', 'input', 'output', 'losses', 'id'],
      expect.any(Array),
      ['2026-01-31 08:00:13', 'first-wire', 'none [31m', '404 rejected TKL_MODEL_NOT_FOUND', '-', '-', '0', refused.id],
      ['2026-01-31 08:00:12', 'first-wire', 'small → there/large-2', '200 complete', '15', '7', '2 (1 semantic)', translated.id],
      [''],
    ])
  })

  it('shows one request whole, with every loss', async () => {
    const { code, out, query } = await requests([translated], '--id', 'caller-7')
    expect({ code, id: query.id }).toEqual({ code: 0, id: 'caller-7' })
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['id', translated.id],
      ['caller’s id', 'caller-7'],
      ['time', '2026-01-31T08:00:12.000Z'],
      ['asked', 'generate in first-wire, streamed'],
      ['model', 'small → there/large-2'],
      ['sent as', 'second-wire, translated'],
      ['status', '200 complete, finish stop'],
      ['attempts', '1'],
      ['provider’s ids', 'req_1'],
      ['first byte', '301 ms'],
      ['duration', '1200 ms'],
      ['tokens', 'input (uncached) 10, cache read 5, output 7, of it reasoning 2'],
      ['cost', '0.001500 USD'],
      ['losses', '2 (1 semantic)'],
      [''],
      ['path', 'feature', 'action', 'severity', 'detail'],
      expect.any(Array),
      ['logit_bias', 'logit-bias', 'dropped', 'semantic'],
      ['seed', 'seed', 'approximated', 'hint', 'a near one'],
      [''],
    ])
  })

  it('tells what losses cost in tokens, where they do', async () => {
    const [dropped, ...others] = translated.losses
    const costly: RequestRecord = {
      ...translated,
      losses: [
        { path: 'turns[3]', feature: 'cache-prefix', action: 'dropped', severity: 'hint', detail: 'changed', tokens: 8_120 },
        ...(dropped ? [dropped] : []),
        ...others,
      ],
    }
    expect((await requests([costly])).out).toContain(' 3 (1 semantic, 8120 tokens)  ')
    const { out } = await requests([costly], '--id', 'caller-7')
    const rows = out.split('\n').map((line) => line.split(/ {2,}/))
    expect(rows).toContainEqual(['path', 'feature', 'action', 'severity', 'tokens', 'detail'])
    expect(rows).toContainEqual(['turns[3]', 'cache-prefix', 'dropped', 'hint', '8120', 'changed'])
    expect(rows).toContainEqual(['seed', 'seed', 'approximated', 'hint', 'a near one'])
    expect(JSON.parse((await requests([costly], '--json')).out)).toMatchObject({ requests: [{ losses: [{ tokens: 8_120 }, {}, {}] }] })
  })

  it('leaves out what is not known of a request', async () => {
    const { out } = await requests([refused], '--id', refused.id)
    expect(out).not.toMatch(/tokens|cost|caller’s id|undefined/)
    expect(out).not.toContain('\u001B')
    expect(out).toMatch(/^losses +0\n$/m)
  })

  it('marks tokens that were counted here', async () => {
    const estimated: RequestRecord = { ...translated, usage: { inputUncached: 3, source: 'estimated' } }
    expect((await requests([estimated])).out).toMatch(/ ~3 +- /)
    expect((await requests([estimated], '--id', 'caller-7')).out).toContain('input (uncached) 3 (estimated)')
  })

  it('gives programs the records as the ledger has them', async () => {
    const { out } = await requests([translated], '--json')
    expect(JSON.parse(out)).toEqual({ limit: 20, requests: [translated] })
  })

  it('asks for the time and the number that were named', async () => {
    expect((await requests([], '--since', '2026-01-31', '--limit', '3')).query).toEqual({ since: Date.UTC(2026, 0, 31), limit: 3 })
    expect((await requests([])).query).toEqual({ limit: 20 })
  })

  it('says that nothing is recorded, or not that one', async () => {
    expect(await requests([])).toMatchObject({ code: 0, out: 'Nothing is recorded for this time.\n' })
    expect(await requests([], '--id', 'x')).toMatchObject({ code: 1, out: '', error: 'No request with the id "x" is recorded.\n' })
    expect(JSON.parse((await requests([], '--id', 'x', '--json')).out)).toMatchObject({ requests: [] })
  })

  it('says that there is no ledger', async () => {
    const io = captureIo(workspace({ 'gateway.config.ts': 'export default { plugins: [] }' }).folder)
    expect(await runCommand(['requests'], io)).toBe(78)
    expect(io.error).toContain('The configuration has no ledger, so that nothing is recorded.')
  })
})
