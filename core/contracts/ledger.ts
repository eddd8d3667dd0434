import type { Loss, Usage } from '../conversation/index.ts'

/**
 * How a request or attempt ended:
 * - `complete`: the provider's own sign of the end came
 * - `client-gone`: the caller left first
 * - `upstream-error`: the provider refused, failed, or its stream was cut
 * - `rejected`: the gateway itself refused (bad input, no route, a guard)
 * - `interrupted`: the gateway was killed (written by recovery), or was stopped before the answer was whole
 */
export type Ending = 'complete' | 'client-gone' | 'upstream-error' | 'rejected' | 'interrupted'

/** One try at one provider, when it is sent. */
export interface AttemptOpened {
  /** UUIDv7. */
  readonly id: string
  /** The row in `requests` that it belongs to. */
  readonly requestId: string
  /** Counts from 0 within the request. */
  readonly sequence: number
  readonly provider: string
  readonly protocol: string
  /** The model's name upstream. */
  readonly model: string
  /** Unix milliseconds. */
  readonly startedAt: number
  /** What recovery books when the gateway dies before the end is known. */
  readonly estimatedInput: number
  /** The request as the caller sent it, so that recovery can write its row. */
  readonly callerProtocol: string
  readonly callerRequestId: string
  readonly operation: string
  readonly stream: boolean
  readonly callerModel: string
  readonly principal?: string
}

export interface AttemptClosed {
  readonly id: string
  readonly ending: Ending
  /** HTTP status of the provider; absent when it never answered. */
  readonly status?: number
  readonly errorCode?: string
  /** The provider's own id of the request, from its headers. */
  readonly vendorRequestId?: string
  /** Milliseconds from sending to the answer's head. */
  readonly timeToFirstByte?: number
  /** Milliseconds. */
  readonly duration: number
  readonly usage?: Usage
}

/** One request of a caller, when it is over. Exactly one per request. */
export interface RequestRecord {
  /** UUIDv7, ours. */
  readonly id: string
  /** What stands in `x-request-id`: the caller's, or `id`. Not unique. */
  readonly requestId: string
  /** Unix milliseconds. */
  readonly startedAt: number
  readonly principal?: string
  readonly protocol: string
  readonly operation: string
  readonly stream: boolean
  /** As the caller named it. */
  readonly model?: string
  readonly provider?: string
  /** The model's name upstream. */
  readonly upstreamModel?: string
  readonly upstreamProtocol?: string
  readonly path?: 'identity' | 'translated' | 'local'
  /** The HTTP status that the caller saw. */
  readonly status: number
  readonly ending: Ending
  readonly errorCode?: string
  readonly finish?: string
  readonly vendorRequestId?: string
  /** The provider's id of the reply. */
  readonly replyId?: string
  readonly attempts: number
  /** Milliseconds from the request's arrival to the first byte of its answer. For a whole reply that is when its row is written. */
  readonly timeToFirstByte?: number
  /** Milliseconds. */
  readonly duration: number
  readonly usage?: Usage
  readonly losses: readonly Loss[]
  /** Micro-units of `currency`; absent when no price is known (unpriced), which is not 0. */
  readonly cost?: number
  readonly currency?: string
  /** Where the price came from, and when it was valid. */
  readonly priceSource?: string
}

export interface UsageQuery {
  /** Unix milliseconds, inclusive. */
  readonly since?: number
  /** Unix milliseconds, exclusive. */
  readonly until?: number
  readonly groupBy: 'model' | 'provider' | 'principal' | 'day'
}

/** Sums over the requests of one group. Token sums count what was reported; `estimated` says how many requests were estimated. */
export interface UsageRow {
  readonly group: string
  readonly requests: number
  readonly failed: number
  readonly estimated: number
  readonly inputUncached: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
  readonly reasoning: number
  /** Micro-units over the priced requests; null when none was priced. */
  readonly cost: number | null
  readonly unpriced: number
}

export interface RecordQuery {
  /** Matches `RequestRecord.id` or `RequestRecord.requestId`. */
  readonly id?: string
  readonly since?: number
  /** Newest first; 100 when absent, 1,000 at most. */
  readonly limit?: number
}

/**
 * Remembers every request. Contribution of the plugin kind `ledger`; exactly one is primary and is awaited.
 *
 * Durable means: it survives `kill -9` of this process. Rows are append-only: an attempt is opened once and closed once.
 */
export interface Ledger {
  /** Queued at dispatch, not waited for. Must not throw. */
  openAttempt(attempt: AttemptOpened): void
  /** Queued. Must not throw. */
  closeAttempt(attempt: AttemptClosed): void
  /**
   * Resolves when the record, and everything queued before it, is durable. Rejects with GatewayError `TKL_LEDGER_UNAVAILABLE` when it could not
   * be written and the ledger is set to refuse; resolves after an alarm when it is set to go on.
   * A second record with the same `id` changes nothing and resolves.
   */
  record(record: RequestRecord): Promise<void>
  /** Closes what an earlier process left open as `interrupted`, and writes the missing request rows; answers with how many attempts. */
  recover(): Promise<number>
  usage(query: UsageQuery): Promise<readonly UsageRow[]>
  requests(query: RecordQuery): Promise<readonly RequestRecord[]>
  /** Resolves when all that is queued is durable. */
  flush(): Promise<void>
}
