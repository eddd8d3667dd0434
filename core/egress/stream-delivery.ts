import type { Usage, WireError } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Exchanged } from './deliver.ts'
import type { Delivery } from './delivery.ts'
import { endingOf } from './ending.ts'
import type { Prepared } from './prepare.ts'

/** What is known when a stream is over. */
export interface StreamOutcome {
  readonly error: GatewayError | undefined
  /** The caller has been told of the error already. */
  readonly told: boolean
  readonly usage: Usage | undefined
  readonly finish: string | undefined
  readonly replyId: string | undefined
  /** Tokens of what came, should the provider not tell. */
  readonly estimatedOutput: number
  /** Sends the head, should no byte have needed it yet. */
  readonly head: () => void
  readonly withheld: () => Buffer | string | undefined
  /** What has written the stream, and can say how it fails. */
  readonly writer: { fail?(error: WireError, requestId: string): string } | undefined
}

/** A stream that is over but for its end. Throws the error when nothing has been sent, so that the caller gets it with its right status. */
export function streamDelivery(exchanged: Exchanged, outcome: StreamOutcome): Delivery {
  const { request, prepared, client } = exchanged
  const { error, finish, replyId } = outcome
  const usage = error || outcome.usage?.output === undefined ? usageOf(outcome, prepared) : outcome.usage
  exchanged.usage = usage
  if (error && !client.headSent && request.gone?.code !== 'TKL_CLIENT_GONE') throw error
  const known = {
    status: request.status ?? 200,
    path: prepared.attempt.path,
    ...(usage && { usage }),
    ...(finish !== undefined && { finish }),
    ...(replyId !== undefined && { replyId }),
  }
  if (!error)
    return {
      ...known,
      ending: 'complete',
      release() {
        outcome.head()
        client.end(outcome.withheld())
      },
    }
  return {
    ...known,
    ending: endingOf(request.gone ?? error),
    error,
    release() {
      const wire = error.toWire()
      if (!outcome.told) client.write(outcome.writer?.fail?.(wire, request.requestId) ?? prepared.protocol.encodeStreamError(wire, request.requestId))
      client.end()
    },
  }
}

/**
 * The usage of a stream that was cut, or whose provider does not tell: what the provider said before, else an estimate of one token for each content event.
 * None where all that the provider said is an error: it has refused the request.
 */
function usageOf(outcome: StreamOutcome, prepared: Prepared): Usage | undefined {
  const { usage, estimatedOutput, error } = outcome
  if (usage?.output !== undefined && usage.output >= estimatedOutput) return usage
  const refused = error?.code === 'TKL_UPSTREAM_ERROR' && !error.options.vendorCode?.startsWith('TKL_')
  if (!usage && estimatedOutput === 0 && refused) return undefined
  return { ...(usage ?? { inputUncached: prepared.attempt.estimatedInput }), output: Math.max(estimatedOutput, usage?.output ?? 0), source: 'estimated' }
}

export function cutStream(): GatewayError {
  return new GatewayError('TKL_UPSTREAM_CUT', 'The provider’s stream ended before the reply was whole.')
}
