import { performance } from 'node:perf_hooks'
import type { ClientReply } from '../client-reply.ts'
import type { Attempt } from '../context.ts'
import type { AttemptClosed } from '../contracts/ledger.ts'
import type { RoutePlan, RouteTarget } from '../contracts/router.ts'
import { answerGuard } from '../egress/answer-guard.ts'
import { countLocally, refusesCount } from '../egress/count-tokens.ts'
import { decodedStream, gatherStream } from '../egress/decoded-stream.ts'
import type { Delivery } from '../egress/delivery.ts'
import { guardReply } from '../egress/guard-reply.ts'
import { identityStream } from '../egress/identity-stream.ts'
import { type Prepared, prepare } from '../egress/prepare.ts'
import { StreamFailure } from '../egress/stream-delivery.ts'
import { decodedUnary, identityUnary, parseReply } from '../egress/unary.ts'
import { identityRefusal, readRefusal } from '../egress/vendor-error.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'
import { collectBody, UpstreamAnswer } from '../upstream/answer.ts'
import { decompressing } from '../upstream/decompress.ts'
import { vendorRequestId } from '../upstream/headers.ts'

/** Fourth stage: tries the plan's targets until one answers. What it answers with is sent but for its end. */
export async function egress(generation: Generation, request: GatewayRequest, plan: RoutePlan, client: ClientReply): Promise<Delivery> {
  let target = plan.targets[0] as RouteTarget
  for (;;) {
    const outcome = await tryTarget(generation, request, target, client)
    if (outcome.delivery && !outcome.failed) return outcome.delivery
    const retry =
      generation.hooks.used.resolveRetry && !client.headSent && !request.gone ? await generation.hooks.run('resolveRetry', outcome.attempt, request) : undefined
    if (retry) {
      if (retry.delay) await new Promise((resolve) => setTimeout(resolve, retry.delay))
      target = retry.target
      continue
    }
    if (outcome.delivery) return outcome.delivery
    if (request.operation === 'count-tokens' && !refusesCount(outcome.error)) return countLocally(request, client)
    throw outcome.error
  }
}

interface Outcome {
  readonly attempt: Attempt
  readonly delivery?: Delivery
  /** The provider refused or failed before any byte went to the caller. */
  readonly failed: boolean
  readonly error?: unknown
}

async function tryTarget(generation: Generation, request: GatewayRequest, target: RouteTarget, client: ClientReply): Promise<Outcome> {
  let prepared: Prepared
  try {
    prepared = prepare(generation, request, target)
  } catch (error) {
    if (request.operation === 'count-tokens' && GatewayError.is(error, 'TKL_OPERATION_UNSUPPORTED'))
      return { attempt: unsentAttempt(request, target), failed: false, delivery: countLocally(request, client) }
    throw error
  }
  request.losses = prepared.losses.losses
  const guarded = generation.hooks.used.guardAttempt ? await generation.hooks.run('guardAttempt', prepared.attempt, request) : undefined
  if (guarded !== undefined) return { attempt: prepared.attempt, delivery: answerGuard(generation, request, client, guarded), failed: false }
  const upstream = generation.hooks.used.modifyUpstream
    ? await generation.hooks.run('modifyUpstream', prepared.upstream, prepared.attempt, request)
    : prepared.upstream
  return send(generation, request, { ...prepared, upstream }, client)
}

async function send(generation: Generation, request: GatewayRequest, prepared: Prepared, client: ClientReply): Promise<Outcome> {
  const { attempt, provider, upstream } = prepared
  const sentAt = performance.now()
  let answer: UpstreamAnswer | undefined
  let headAt: number | undefined
  request.attempts.push(attempt)
  generation.ledger?.openAttempt(attempt.opened)
  let delivery: Delivery | undefined
  let failure: unknown
  try {
    if (request.gone) throw request.gone
    const exchange = provider.exchange ?? generation.transport.exchange
    answer = await UpstreamAnswer.send(exchange, upstream, (started) => {
      request.onAbort = (reason) => started.abort(reason)
    })
    headAt = performance.now()
    delivery = await deliver(generation, request, prepared, answer, client)
  } catch (error) {
    failure = error
  } finally {
    request.onAbort = undefined
  }
  const closed = closeAttempt(generation, attempt, answer, delivery, failure, sentAt, headAt)
  const finished: Attempt = {
    ...attempt,
    closed,
    ...(delivery?.error && { error: delivery.error.toWire() }),
    ...(GatewayError.is(failure) && { error: failure.toWire() }),
  }
  request.attempts[request.attempts.length - 1] = finished
  if (generation.hooks.used.onAttempt) await generation.hooks.run('onAttempt', finished, request)
  if (failure instanceof StreamFailure) {
    request.usage = failure.usage
    failure = failure.error
  }
  return {
    attempt: finished,
    ...(delivery && { delivery }),
    failed: failure !== undefined || (delivery?.error !== undefined && !client.headSent),
    error: failure,
  }
}

/** Reads the answer in the way that its status, its content type and the path ask for. */
async function deliver(generation: Generation, request: GatewayRequest, prepared: Prepared, answer: UpstreamAnswer, client: ClientReply): Promise<Delivery> {
  if (answer.status >= 300) {
    const refusal = readRefusal(prepared, answer, await readWhole(generation, answer))
    if (prepared.attempt.path === 'identity' && answer.status >= 400) return identityRefusal(prepared, answer, client, refusal)
    throw refusal.error
  }
  const streams = request.operation === 'generate' && (answer.header('content-type') ?? '').startsWith('text/event-stream')
  if (streams && (request.stream || !prepared.session)) {
    const guarded = await guardReply(generation, request, prepared, client, answer.status, undefined)
    if (guarded) {
      answer.abort(new GatewayError('TKL_REQUEST_REFUSED', 'A guard refused the reply.'))
      return guarded
    }
    return prepared.session
      ? decodedStream(request, prepared, answer, client, generation.config.pingInterval)
      : identityStream(request, prepared, answer, client)
  }
  if (streams) return decodedUnary(generation, request, prepared, answer, client, await gatherStream(request, prepared, answer, client))
  const body = await readWhole(generation, answer)
  if (!prepared.session) return identityUnary(generation, request, prepared, answer, client, body)
  const reply = prepared.session.decodeReply(parseReply(body))
  return decodedUnary(generation, request, prepared, answer, client, reply)
}

async function readWhole(generation: Generation, answer: UpstreamAnswer): Promise<Buffer> {
  const encoding = answer.header('content-encoding')
  const limit = generation.config.limits.replyBytes
  if (encoding === undefined || encoding === 'identity') return collectBody(answer, limit)
  return collectBody(answer, limit, (consumer) => decompressing(encoding, consumer, () => answer.resume()))
}

function closeAttempt(
  generation: Generation,
  attempt: Attempt,
  answer: UpstreamAnswer | undefined,
  delivery: Delivery | undefined,
  failure: unknown,
  sentAt: number,
  headAt: number | undefined,
): AttemptClosed {
  const error = delivery?.error ?? (failure instanceof StreamFailure ? failure.error : failure)
  const usage = delivery?.usage ?? (failure instanceof StreamFailure ? failure.usage : undefined)
  const vendorId = answer && vendorRequestId(answer.headers)
  const closed: AttemptClosed = {
    id: attempt.opened.id,
    ending: delivery?.ending ?? (GatewayError.is(error, 'TKL_CLIENT_GONE') ? 'client-gone' : 'upstream-error'),
    duration: performance.now() - sentAt,
    ...(answer && answer.status > 0 && { status: answer.status }),
    ...(error !== undefined && { errorCode: GatewayError.from(error).code }),
    ...(vendorId !== undefined && { vendorRequestId: vendorId }),
    ...(headAt !== undefined && { timeToFirstByte: headAt - sentAt }),
    ...(usage && { usage }),
  }
  generation.ledger?.closeAttempt(closed)
  return closed
}

function unsentAttempt(request: GatewayRequest, target: RouteTarget): Attempt {
  const opened = {
    id: request.id,
    requestId: request.id,
    sequence: 0,
    provider: target.provider,
    protocol: request.protocol,
    model: target.model,
    startedAt: request.startedAt,
    estimatedInput: 0,
  }
  const caller = {
    callerProtocol: request.protocol,
    callerRequestId: request.requestId,
    operation: request.operation,
    stream: request.stream,
    callerModel: request.model,
  }
  return { opened: { ...opened, ...caller }, target, path: 'identity', stream: request.stream, losses: [], estimatedInput: 0 }
}
