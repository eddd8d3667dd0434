import { performance } from 'node:perf_hooks'
import type { ClientReply } from '../client-reply.ts'
import type { Attempt } from '../context.ts'
import type { RoutePlan, RouteTarget } from '../contracts/router.ts'
import { answerGuard } from '../egress/answer-guard.ts'
import { bookAttempt, closeAttempt } from '../egress/close-attempt.ts'
import { countLocally, refusesCount } from '../egress/count-tokens.ts'
import { deliver } from '../egress/deliver.ts'
import type { Delivery } from '../egress/delivery.ts'
import { type Prepared, prepare } from '../egress/prepare.ts'
import { StreamFailure } from '../egress/stream-delivery.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GuardAnswer } from '../hooks.ts'
import type { GatewayRequest } from '../request.ts'
import { UpstreamAnswer } from '../upstream/answer.ts'

/** Fourth stage: tries the plan's targets until one answers. What it answers with is sent but for its end. */
export async function egress(generation: Generation, request: GatewayRequest, plan: RoutePlan, client: ClientReply): Promise<Delivery> {
  const { used } = generation.hooks
  let target = plan.targets[0] as RouteTarget
  for (;;) {
    let prepared = prepareOrCount(generation, request, target)
    if (!prepared) return countLocally(request, client)
    request.losses = prepared.losses.losses
    if (used.guardAttempt || used.modifyUpstream) {
      const guarded = await runAttemptHooks(generation, request, prepared)
      if (guarded.answer !== undefined) return answerGuard(generation, request, client, guarded.answer)
      prepared = guarded.prepared
    }
    const outcome = await send(generation, request, prepared, client)
    if (outcome.delivery && !outcome.failed) return outcome.delivery
    const mayRetry = used.resolveRetry && !client.headSent && !request.gone
    const retry = mayRetry ? await generation.hooks.run('resolveRetry', outcome.attempt, request) : undefined
    if (!retry) return settle(request, client, outcome)
    bookAttempt(generation, request)
    if (retry.delay) await new Promise((resolve) => setTimeout(resolve, retry.delay))
    target = retry.target
  }
}

/** The attempt, ready to be sent; undefined when it asks for a count that the provider has no endpoint for. */
function prepareOrCount(generation: Generation, request: GatewayRequest, target: RouteTarget): Prepared | undefined {
  try {
    return prepare(generation, request, target)
  } catch (error) {
    if (request.operation === 'count-tokens' && GatewayError.is(error, 'TKL_OPERATION_UNSUPPORTED')) return undefined
    throw error
  }
}

async function runAttemptHooks(
  generation: Generation,
  request: GatewayRequest,
  prepared: Prepared,
): Promise<{ readonly answer: GuardAnswer | undefined; readonly prepared: Prepared }> {
  const { hooks } = generation
  const answer = hooks.used.guardAttempt ? await hooks.run('guardAttempt', prepared.attempt, request) : undefined
  if (answer !== undefined || !hooks.used.modifyUpstream) return { answer, prepared }
  return { answer, prepared: { ...prepared, upstream: await hooks.run('modifyUpstream', prepared.upstream, prepared.attempt, request) } }
}

interface Outcome {
  readonly attempt: Attempt
  readonly delivery: Delivery | undefined
  /** The provider refused or failed before any byte went to the caller. */
  readonly failed: boolean
  readonly error: unknown
}

/** No target is left: what the last one gave, or its error. */
function settle(request: GatewayRequest, client: ClientReply, { delivery, error }: Outcome): Delivery {
  const refusal = delivery?.error ?? error
  if (request.operation === 'count-tokens' && !request.gone && !refusesCount(refusal)) return countLocally(request, client)
  if (delivery) return delivery
  throw error
}

async function send(generation: Generation, request: GatewayRequest, prepared: Prepared, client: ClientReply): Promise<Outcome> {
  const { attempt, provider, upstream } = prepared
  const sentAt = performance.now()
  let answer: UpstreamAnswer | undefined
  let headAt: number | undefined
  let delivery: Delivery | undefined
  let failure: unknown
  request.attempts.push(attempt)
  generation.ledger?.openAttempt(attempt.opened)
  try {
    if (request.gone) throw request.gone
    answer = await UpstreamAnswer.send(provider.exchange ?? generation.transport.exchange, upstream, request)
    headAt = performance.now()
    delivery = await deliver({ generation, request, prepared, answer, client })
  } catch (error) {
    failure = error
  }
  request.onAbort = undefined
  const finished = closeAttempt(prepared, { answer, delivery, failure, sentAt, headAt })
  request.attempts[request.attempts.length - 1] = finished
  if (generation.hooks.used.onAttempt) await generation.hooks.run('onAttempt', finished, request)
  request.usage = finished.closed?.usage
  if (failure instanceof StreamFailure) failure = failure.error
  return { attempt: finished, delivery, failed: failure !== undefined || (delivery?.error !== undefined && !client.headSent), error: failure }
}
