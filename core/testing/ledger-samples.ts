import type { AttemptClosed, AttemptOpened, RequestRecord } from '../contracts/ledger.ts'
import { createId } from '../identifiers.ts'

/** A record with nothing but what every record has. */
export function sampleRecord(fields: Partial<RequestRecord> = {}): RequestRecord {
  const id = fields.id ?? createId()
  return {
    id,
    requestId: id,
    startedAt: Date.now(),
    protocol: 'caller-protocol',
    operation: 'generate',
    stream: false,
    status: 200,
    ending: 'complete',
    attempts: 1,
    duration: 12.5,
    losses: [],
    ...fields,
  }
}

/** A record with every field, and with the characters that careless storage trips over. */
export function fullRecord(fields: Partial<RequestRecord> = {}): RequestRecord {
  return sampleRecord({
    requestId: 'caller-1',
    principal: `o'neill"; DROP TABLE requests; --`,
    stream: true,
    model: 'fast ⚡ 模型',
    provider: 'provider-1',
    upstreamModel: 'model-1-large',
    upstreamProtocol: 'upstream-protocol',
    path: 'translated',
    status: 502,
    ending: 'upstream-error',
    errorCode: 'TKL_UPSTREAM_CUT',
    finish: 'stop',
    vendorRequestId: 'req_0',
    replyId: 'reply-0',
    attempts: 2,
    timeToFirstByte: 0.001,
    duration: 123_456.789,
    usage: {
      inputUncached: 11,
      cacheRead: 0,
      cacheWrite: 7,
      cacheWriteLong: 3,
      output: 5,
      reasoning: 2,
      source: 'measured',
      raw: { input: 11, details: { cached: [0, null, true, 'é'] } },
    },
    losses: [
      { path: 'messages[0].marker', feature: 'cache-marker', action: 'dropped', severity: 'hint' },
      { path: 'limit', feature: 'output-limit', action: 'invented', severity: 'semantic', detail: 'took 4,096' },
      { path: 'turns[3]', feature: 'cache-prefix', action: 'dropped', severity: 'hint', detail: 'changed', tokens: 8_120 },
    ],
    cost: 9_007_199_254_740_991,
    currency: 'USD',
    priceSource: 'list of 2026-01-01',
    ...fields,
  })
}

export function sampleAttempt(fields: Partial<AttemptOpened> = {}): AttemptOpened {
  const requestId = fields.requestId ?? createId()
  return {
    id: createId(),
    requestId,
    sequence: 0,
    provider: 'provider-1',
    protocol: 'upstream-protocol',
    model: 'model-1-large',
    startedAt: Date.now(),
    estimatedInput: 40,
    callerProtocol: 'caller-protocol',
    callerRequestId: requestId,
    operation: 'generate',
    stream: true,
    callerModel: 'fast',
    ...fields,
  }
}

export function sampleClosing(id: string, fields: Partial<AttemptClosed> = {}): AttemptClosed {
  return { id, ending: 'complete', status: 200, duration: 10, usage: { inputUncached: 41, output: 9, source: 'measured' }, ...fields }
}
