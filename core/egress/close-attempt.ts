import { performance } from 'node:perf_hooks'
import type { Attempt } from '../context.ts'
import type { AttemptClosed } from '../contracts/ledger.ts'
import type { Usage } from '../conversation/index.ts'
import { type ErrorCode, GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { Mutable } from '../mutable.ts'
import type { GatewayRequest } from '../request.ts'
import type { UpstreamAnswer } from '../upstream/answer.ts'
import { vendorRequestId } from '../upstream/headers.ts'
import type { Delivery } from './delivery.ts'
import { endingOf } from './ending.ts'
import type { Prepared } from './prepare.ts'

/** How an attempt went. Times are of `performance.now()`. */
export interface AttemptEnd {
  readonly answer: UpstreamAnswer | undefined
  readonly delivery: Delivery | undefined
  readonly failure: unknown
  readonly sentAt: number
  readonly headAt: number | undefined
  /** What the reply is known to have cost, although it failed later. */
  readonly usage: Usage | undefined
}

/** The provider may have worked for these, although it never said for how much. */
const unaccounted: readonly ErrorCode[] = ['TKL_CLIENT_GONE', 'TKL_UPSTREAM_TIMEOUT', 'TKL_UPSTREAM_CUT', 'TKL_SHUTTING_DOWN']

/** The attempt as it ended. It is booked by `bookAttempt`. */
export function closeAttempt(prepared: Prepared, end: AttemptEnd): Attempt {
  const { attempt, losses } = prepared
  const { answer, delivery, failure } = end
  const error = delivery?.error ?? (failure === undefined ? undefined : GatewayError.from(failure))
  const usage = delivery?.usage ?? end.usage ?? estimate(prepared, end, error)
  const vendorId = answer && vendorRequestId(answer.headers)
  const closed: Mutable<AttemptClosed> = {
    id: attempt.opened.id,
    ending: delivery?.ending ?? (error ? endingOf(error) : 'upstream-error'),
    duration: performance.now() - end.sentAt,
  }
  if (answer && answer.status > 0) closed.status = answer.status
  if (error) closed.errorCode = error.code
  if (vendorId !== undefined) closed.vendorRequestId = vendorId
  if (end.headAt !== undefined) closed.timeToFirstByte = end.headAt - end.sentAt
  if (usage) closed.usage = usage
  const finished: Mutable<Attempt> = { ...attempt, closed, losses: [...losses.losses] }
  if (error) finished.error = error.toWire()
  return finished
}

function estimate({ attempt }: Prepared, { answer }: AttemptEnd, error: GatewayError | undefined): Usage | undefined {
  if (!error || !answer?.sent || attempt.opened.operation !== 'generate' || answer.status >= 300 || !unaccounted.includes(error.code)) return undefined
  return { inputUncached: attempt.estimatedInput, source: 'estimated' }
}

/**
 * Closes the last attempt in the ledger: before another try, or in one step with the request's row, so that a kill between the two leaves as little as
 * possible to recovery.
 */
export function bookAttempt(generation: Generation, request: GatewayRequest): void {
  const closed = request.attempts.at(-1)?.closed
  if (closed && generation.ledger) generation.ledger.closeAttempt(closed)
}
