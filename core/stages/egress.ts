import { performance } from 'node:perf_hooks'
import type { ClientReply } from '../client-reply.ts'
import type { Attempt } from '../context.ts'
import type { RoutePlan, RouteTarget } from '../contracts/router.ts'
import { answerGuard } from '../egress/answer-guard.ts'
import { type AttemptEnd, bookAttempt, closeAttempt } from '../egress/close-attempt.ts'
import { countLocally, refusesCount } from '../egress/count-tokens.ts'
import { deliver } from '../egress/deliver.ts'
import type { Delivery } from '../egress/delivery.ts'
import { isProviderFault } from '../egress/ending.ts'
import { type Prepared, prepare, refuseLosses } from '../egress/prepare.ts'
import { modifyTranslated } from '../egress/translation-hooks.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GuardAnswer } from '../hooks.ts'
import type { Mutable } from '../mutable.ts'
import type { GatewayRequest } from '../request.ts'
import { UpstreamAnswer } from '../upstream/answer.ts'

/** Fourth stage: tries the plan's targets until one answers. What it answers with is sent but for its end. */
export async function egress(generation: Generation, request: GatewayRequest, plan: RoutePlan, client: ClientReply): Promise<Delivery> {
  const { used } = generation.hooks
  let target = plan.targets[0] as RouteTarget
  /** The provider that was asked last, if it has refused an opaque value. */
  let refusing: string | undefined
  for (;;) {
    if (used.modifyTranslated) request.translated = await modifyTranslated(generation, request, target)
    let prepared = prepareOrCount(generation, request, target, refusing === target.provider)
    if (!prepared) return countLocally(generation, request, client)
    request.losses = prepared.reportsLosses ? prepared.losses.losses : []
    if (used.guardAttempt || used.modifyUpstream) {
      const guarded = await runAttemptHooks(generation, request, prepared)
      if (guarded.answer !== undefined) return answerGuard(generation, request, client, guarded.answer)
      prepared = guarded.prepared
    }
    if (request.gone) throw request.gone
    const outcome = await send(generation, request, prepared, client)
    if (outcome.delivery && !outcome.failed) return outcome.delivery
    const mayRetry = outcome.failed && !client.headSent && !request.gone
    if (mayRetry && refusing !== target.provider && refusesSealed(generation, request, prepared, outcome)) {
      bookAttempt(generation, request)
      refusing = target.provider
      continue
    }
    const retry = mayRetry && used.resolveRetry ? await generation.hooks.run('resolveRetry', outcome.attempt, request) : undefined
    if (!retry) return settle(generation, request, client, outcome)
    bookAttempt(generation, request)
    if (retry.delay) await pause(request, retry.delay)
    target = retry.target
  }
}

/** The attempt, ready to be sent; undefined when it asks for a count that the provider has no endpoint for. */
function prepareOrCount(generation: Generation, request: GatewayRequest, target: RouteTarget, refused: boolean): Prepared | undefined {
  try {
    return prepare(generation, request, target, refused)
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
  const upstream = await hooks.run('modifyUpstream', prepared.upstream, prepared.attempt, request)
  for (const loss of upstream.losses ?? []) prepared.losses.report(loss)
  if (upstream.losses) refuseLosses(request, request.plan?.onLoss ?? generation.config.onLoss, prepared.losses)
  return { answer, prepared: { ...prepared, upstream } }
}

interface Outcome {
  readonly attempt: Attempt
  readonly delivery: Delivery | undefined
  /** The provider refused or failed; another one might not. */
  readonly failed: boolean
  readonly error: unknown
}

/**
 * Without opaque values the provider may take the request, if it holds any: what is taken out of it is a loss. Only a plugin that makes seals lets them
 * be taken out of what the caller says himself.
 */
function refusesSealed(generation: Generation, request: GatewayRequest, first: Prepared, { attempt: { error } }: Outcome): boolean {
  if (!first.seals || !error || first.upstreamProtocol.refusesSealed?.(error) !== true) return false
  return prepare(generation, request, first.attempt.target, true).attempt.losses.length > first.attempt.losses.length
}

/** No target is left: what the last one gave, or its error. */
async function settle(generation: Generation, request: GatewayRequest, client: ClientReply, { delivery, error }: Outcome): Promise<Delivery> {
  const refusal = delivery?.error ?? error
  if (request.operation === 'count-tokens' && !request.gone && !refusesCount(refusal)) return countLocally(generation, request, client)
  if (delivery) return delivery
  throw error
}

async function send(generation: Generation, request: GatewayRequest, prepared: Prepared, client: ClientReply): Promise<Outcome> {
  const { attempt, provider, upstream } = prepared
  const sentAt = performance.now()
  const end: Mutable<AttemptEnd> = { answer: undefined, delivery: undefined, failure: undefined, sentAt, headAt: undefined, usage: undefined }
  request.attempts.push(attempt)
  generation.ledger?.openAttempt(attempt.opened)
  try {
    const begun = (started: UpstreamAnswer) => {
      end.answer = started
    }
    const answer = await UpstreamAnswer.send(provider.exchange ?? generation.transport.exchange, upstream, request, begun)
    end.headAt = performance.now()
    const exchanged = { generation, request, prepared, answer, client, usage: undefined }
    end.delivery = await deliver(exchanged).finally(() => {
      end.usage = exchanged.usage
    })
  } catch (error) {
    end.failure = error
    end.answer?.abort(GatewayError.from(error))
  }
  request.onAbort = undefined
  const finished = closeAttempt(prepared, end)
  request.attempts[request.attempts.length - 1] = finished
  if (generation.hooks.used.onAttempt) await generation.hooks.run('onAttempt', finished, request)
  const fault = end.delivery?.error ?? end.failure
  return { attempt: finished, delivery: end.delivery, failed: fault !== undefined && isProviderFault(GatewayError.from(fault)), error: end.failure }
}

/** Waits before another try, unless the request is given up meanwhile. */
function pause(request: GatewayRequest, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    function done() {
      clearTimeout(timer)
      request.onAbort = undefined
      resolve()
    }
    request.onAbort = done
  })
}
