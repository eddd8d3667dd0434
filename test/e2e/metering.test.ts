import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { plainText } from './conversations.ts'
import { dialects } from './dialects/index.ts'
import { ask, type Path, paths, post, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeEach(async () => {
  gateway = await startVendors()
})

afterEach(() => gateway.close())

function request({ caller, model: own }: Path, stream: boolean, model = own) {
  return { ...plainText[caller], model, stream }
}

const cases = paths.flatMap((path) => [false, true].map((stream) => ({ path, stream })))

describe('a request', () => {
  it.each(cases)('leaves one row that says all about it ($path.name, streamed: $stream)', async ({ path, stream }) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, stream ? 'text' : 'text-unary')))
    const reply = await ask(gateway.url, path.caller, request(path, stream, path.alias), { 'x-request-id': 'mine-1' })
    await reply.arrayBuffer()
    const identity = path.caller === path.upstream
    expect(gateway.ledger.records()).toHaveLength(1)
    const [row] = gateway.ledger.records()
    expect(row).toMatchObject({
      requestId: 'mine-1',
      protocol: path.caller,
      operation: 'generate',
      stream,
      model: path.alias,
      provider: path.provider,
      upstreamModel: path.upstreamModel,
      upstreamProtocol: path.upstream,
      path: identity ? 'identity' : 'translated',
      status: 200,
      ending: 'complete',
      finish: dialects[path.upstream].finishWord,
      // Google tells none in its answer's head.
      ...(path.upstream !== 'gemini' && { vendorRequestId: 'req_vendor_1' }),
      replyId: dialects[path.upstream].replyId,
      attempts: 1,
      usage: { inputUncached: 11, cacheRead: 8, output: 11, source: 'measured' },
    })
    expect(row?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(row?.timeToFirstByte).toBeGreaterThan(0)
    expect(row?.duration).toBeGreaterThanOrEqual(row?.timeToFirstByte ?? Infinity)
    const [attempt] = gateway.ledger.attempts()
    expect(attempt).toMatchObject({
      opened: { requestId: row?.id, sequence: 0, model: path.upstreamModel },
      closed: { ending: 'complete', status: 200, usage: { output: 11 } },
    })
  })

  it.each(paths)('is answered under its own id, or under one of ours when that is missing or odd ($name)', async (path) => {
    gateway.upstream.always(playRecording(ownRecording(path.upstream, 'text')))
    for (const id of ['mine-1', 'a/b:c=d@e_f.g', undefined, 'x'.repeat(300), 'with space']) {
      const reply = await ask(gateway.url, path.caller, request(path, true), id ? { 'x-request-id': id } : {})
      await reply.text()
      const row = gateway.ledger.records().at(-1)
      expect(reply.headers.get('x-request-id')).toBe(row?.requestId)
      if (id === 'mine-1' || id === 'a/b:c=d@e_f.g') expect(row?.requestId).toBe(id)
      else expect(row?.requestId).toBe(row?.id)
    }
    const refused = await post(gateway.url, { protocol: path.caller, model: path.model }, '{', { 'x-request-id': 'refused-1' })
    expect([refused.status, refused.headers.get('x-request-id')]).toEqual([400, 'refused-1'])
  })

  it.each(paths)('that is refused leaves a row too ($name)', async (path) => {
    await ask(gateway.url, path.caller, request(path, true, 'nobody-has-this'))
    await post(gateway.url, { protocol: path.caller, model: path.model }, '{')
    expect(gateway.ledger.records()).toMatchObject([
      { ending: 'rejected', status: 404, errorCode: 'TKL_MODEL_NOT_FOUND', attempts: 0, model: 'nobody-has-this' },
      { ending: 'rejected', status: 400, errorCode: 'TKL_REQUEST_JSON', attempts: 0 },
    ])
  })

  it.each(paths)('whose upstream tells no usage is estimated, not forgotten ($name)', async (path) => {
    const silent = withoutUsage(ownRecording(path.upstream, 'text').body.toString())
    gateway.upstream.reply({ headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(silent) })
    const reply = await ask(gateway.url, path.caller, request(path, true))
    await reply.text()
    const [row] = gateway.ledger.records()
    expect(row).toMatchObject({ ending: 'complete', usage: { source: 'estimated' } })
    expect(row?.usage?.output).toBeGreaterThan(0)
  })
})

/** A recorded stream as a provider sends it that tells no usage in any of its events. */
function withoutUsage(text: string): string {
  const bare = (json: string) => JSON.stringify(JSON.parse(json), (name, value: unknown) => (/^usage(Metadata)?$/.test(name) ? undefined : value))
  return text.replace(/data: [^\n]*"choices":\[\][^\n]*\n\n/, '').replace(/^data: (\{.*\})$/gm, (_, json: string) => `data: ${bare(json)}`)
}
