import { performance } from 'node:perf_hooks'
import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { RecordedProtocol } from '../support/recordings.ts'
import { loopClients } from './loops/loop-clients.ts'
import { type LoopGateway, modelAt, runLoop, type Seat, startLoopGateway } from './loops/loop-gateway.ts'
import { refusingInStream, streamContents, streamErrors, streamedRefusal, streamStarts } from './loops/streamed-refusals.ts'
import { StrictVendors } from './loops/strict-vendors.ts'
import { type Speakers, speakers } from './thoughtful-vendors.ts'
import { callers, paths, translatedPaths } from './vendors.ts'

let upstream: ScriptedUpstream
let all: Speakers
let gateway: LoopGateway

beforeAll(async () => {
  ;[upstream, all] = await Promise.all([startScriptedUpstream(), speakers()])
})
afterAll(() => upstream.close())
afterEach(() => gateway.close())

const seat = (protocol: RecordedProtocol, account: Seat['account'] = 'first'): Seat => ({ protocol, account })

describe.each([0, 5])('an opaque value that a vendor refuses inside of a stream (milliseconds between its events: %i)', (delay) => {
  it.each(paths)('is taken out, and the request is tried once more, at no cost ($name)', async ({ caller, upstream: protocol }) => {
    gateway = await startLoopGateway(upstream)
    let vendors = new StrictVendors(all, 1)
    upstream.always((request) => refusingInStream(protocol, vendors.answer, delay)(request))
    const url = (turn: number) => {
      if (turn === 1) vendors = new StrictVendors(all, 0)
      return gateway.url
    }
    const turns = await runLoop({ client: loopClients[caller], stream: true, turns: 1, url, seat: () => seat(protocol) })
    expect(turns.map(({ calls }) => calls.length)).toEqual([2, 0])
    expect(vendors.refusals).toEqual([expect.stringContaining('was not given to this account')])

    const row = gateway.ledger.records().at(-1)
    const [refused, answered, ...others] = gateway.ledger.attempts().filter(({ opened }) => opened.requestId === row?.id)
    expect(others).toEqual([])
    expect([refused?.closed?.ending, answered?.closed?.ending]).toEqual(['upstream-error', 'complete'])
    // This vendor alone says in its first event what it counts.
    if (protocol === 'anthropic-messages') expect(refused?.closed?.usage).toMatchObject({ output: 0 })
    else expect(refused?.closed?.usage).toBeUndefined()
    expect(row?.usage?.source).toBe('measured')
    expect(row?.usage?.inputUncached).toBe(answered?.closed?.usage?.inputUncached)
  })
})

const opaque: Readonly<Record<RecordedProtocol, object>> = {
  'openai-chat': { messages: [{ role: 'assistant', content: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'a', signature: 's', index: 0 }] }] },
  'openai-responses': { input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 's' }] },
  'anthropic-messages': { max_tokens: 9, messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'a', signature: 's' }] }] },
  gemini: { contents: [{ role: 'model', parts: [{ text: 'Hm.', thoughtSignature: 'cw==' }] }] },
}
const plain: Readonly<Record<RecordedProtocol, object>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'Is there a "signature"?' }] },
  'openai-responses': { include: ['reasoning.encrypted_content'], input: 'Go.' },
  'anthropic-messages': { max_tokens: 9, messages: [{ role: 'user', content: 'What is "redacted_thinking"?' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Go.' }] }] },
}

function ask(
  protocol: RecordedProtocol,
  body: object,
  { signal, vendor = protocol }: { signal?: AbortSignal; vendor?: RecordedProtocol } = {},
): Promise<Response> {
  const routes = { 'openai-chat': 'v1/chat/completions', 'openai-responses': 'v1/responses', 'anthropic-messages': 'v1/messages' }
  const path = protocol === 'gemini' ? `v1beta/models/${modelAt(seat(vendor))}:streamGenerateContent?alt=sse` : routes[protocol]
  const fields = protocol === 'gemini' ? body : { ...body, model: modelAt(seat(vendor)), stream: true }
  const headers = { 'content-type': 'application/json' }
  return fetch(`${gateway.url}/${path}`, { method: 'POST', headers, body: JSON.stringify(fields), ...(signal && { signal }) })
}

const headers = { 'content-type': 'text/event-stream' }

describe('another error inside of a stream', () => {
  it.each(callers)('goes to the caller of %s byte for byte, and costs nothing where nothing else was said', async (protocol) => {
    gateway = await startLoopGateway(upstream)
    const body = streamStarts[protocol].join('') + streamErrors[protocol]({ code: 'server_error', type: 'api_error', message: 'Busy.' })
    upstream.always({ headers, body })
    const number = upstream.requests.length
    const answer = await ask(protocol, opaque[protocol])
    expect([answer.status, await answer.text()]).toEqual([200, body])
    expect(upstream.requests.length - number).toBe(1)
    if (protocol !== 'anthropic-messages') expect(gateway.ledger.records().at(-1)?.usage).toBeUndefined()
  })

  it.each(callers)('is the refusal of an opaque value behind content: it is too late for another try (%s)', async (protocol) => {
    gateway = await startLoopGateway(upstream)
    const body = streamStarts[protocol].join('') + streamContents[protocol] + streamedRefusal(protocol)
    upstream.always({ headers, body })
    const number = upstream.requests.length
    const answer = await ask(protocol, opaque[protocol])
    expect([answer.status, await answer.text()]).toEqual([200, body])
    expect(upstream.requests.length - number).toBe(1)
    expect(gateway.ledger.records().at(-1)?.usage?.output).toBeGreaterThan(0)
  })
})

describe('a refusal inside of a stream of what holds nothing that could be taken out', () => {
  it.each(translatedPaths)('is told to the caller by its status, and not tried again ($name)', async ({ caller, upstream: vendor }) => {
    gateway = await startLoopGateway(upstream)
    upstream.always({ headers, body: streamStarts[vendor].join('') + streamedRefusal(vendor) })
    const number = upstream.requests.length
    const answer = await ask(caller, plain[caller], { vendor })
    await answer.text()
    expect([answer.status, upstream.requests.length - number]).toEqual([400, 1])
  })
})

describe('the head of a stream', () => {
  // Gemini’s has no event before its content.
  const beginning = callers.filter((protocol) => streamStarts[protocol].length > 0)

  async function waitForHead(protocol: RecordedProtocol, body: object, vendor = protocol): Promise<number> {
    gateway = await startLoopGateway(upstream)
    upstream.always({ headers, pieces: streamStarts[vendor], ending: 'hang' })
    const leaving = new AbortController()
    const asked = performance.now()
    await ask(protocol, body, { signal: leaving.signal, vendor })
    const waited = performance.now() - asked
    leaving.abort()
    return waited
  }

  it.each(beginning)('waits for no content where there is nothing to refuse (%s)', async (protocol) => {
    expect(await waitForHead(protocol, plain[protocol])).toBeLessThan(400)
  })

  it('waits for no content on a translated route either', async () => {
    expect(await waitForHead('openai-chat', plain['openai-chat'], 'openai-responses')).toBeLessThan(400)
  })

  it.each(beginning)('waits no longer than a moment where there is (%s)', async (protocol) => {
    const waited = await waitForHead(protocol, opaque[protocol])
    expect(waited).toBeGreaterThan(400)
    expect(waited).toBeLessThan(1_500)
  })
})
