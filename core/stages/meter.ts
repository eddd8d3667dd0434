import type { ClientReply } from '../client-reply.ts'
import type { Attempt } from '../context.ts'
import type { RequestRecord } from '../contracts/ledger.ts'
import { addUsage, type Usage } from '../conversation/index.ts'
import { bookAttempt } from '../egress/close-attempt.ts'
import type { Delivery } from '../egress/delivery.ts'
import { failureDelivery } from '../egress/failure.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { Mutable } from '../mutable.ts'
import type { GatewayRequest } from '../request.ts'

/** Fifth stage: one row per request, durable before the caller sees the end of its answer. */
export async function meter(generation: Generation, request: GatewayRequest, delivery: Delivery, client: ClientReply): Promise<void> {
  request.usage =
    request.attempts.length > 0 ? request.attempts.reduce<Usage | undefined>((sum, { closed }) => addUsage(sum, closed?.usage), undefined) : delivery.usage
  request.error = delivery.error
  if (delivery.error && generation.hooks.used.onError) generation.hooks.onError(delivery.error, request)
  request.status ??= delivery.status
  let record = describe(request, delivery)
  if (generation.hooks.used.modifyCharge) record = await charge(generation, request, record)
  bookAttempt(generation, request)
  let refusal: unknown
  try {
    if (generation.ledger) await generation.ledger.record(record)
  } catch (error) {
    refusal = error
  }
  if (refusal === undefined) delivery.release()
  else refuse(generation, request, client, delivery, GatewayError.from(refusal))
  if (refusal === undefined && generation.hooks.used.onMeter) generation.observe(generation.hooks.run('onMeter', record, request))
}

/** A plugin that cannot price a request does not keep it out of the ledger, whatever its failure policy says: the row is written without. */
async function charge({ hooks }: Generation, request: GatewayRequest, record: RequestRecord): Promise<RequestRecord> {
  try {
    return await hooks.run('modifyCharge', record, request)
  } catch (error) {
    hooks.onError(GatewayError.from(error), request)
    return record
  }
}

/** The ledger could not write and is set to refuse: the caller must not take the answer for a whole one. */
function refuse(generation: Generation, request: GatewayRequest, client: ClientReply, delivery: Delivery, error: GatewayError): void {
  generation.logger.error({ requestId: request.requestId, error }, 'the ledger did not take the row of a request')
  request.error = error
  if (generation.hooks.used.onError) generation.hooks.onError(error, request)
  // What failed anyway, and cost nothing, goes out as it is.
  if (delivery.ending === 'rejected') delivery.release()
  else failureDelivery(request, client, error).release()
}

function describe(request: GatewayRequest, delivery: Delivery): RequestRecord {
  const last = request.attempts.at(-1)
  const record: Mutable<RequestRecord> = {
    id: request.id,
    requestId: request.requestId,
    startedAt: request.startedAt,
    protocol: request.protocol,
    operation: request.operation,
    stream: request.stream,
    status: delivery.status,
    ending: delivery.ending,
    attempts: request.attempts.length,
    duration: request.elapsed,
    losses: [...request.losses],
  }
  if (request.principal) record.principal = request.principal.id
  if (request.callerModel !== undefined) record.model = request.callerModel
  if (last) describeAttempt(record, last)
  if (delivery.path) record.path = delivery.path
  if (delivery.error) record.errorCode = delivery.error.code
  if (delivery.finish !== undefined) record.finish = delivery.finish
  if (delivery.replyId !== undefined) record.replyId = delivery.replyId
  record.timeToFirstByte = request.firstByteAt === undefined ? record.duration : request.firstByteAt - request.arrived
  if (request.usage) record.usage = request.usage
  return record
}

function describeAttempt(record: Mutable<RequestRecord>, { target, opened, path, closed }: Attempt): void {
  record.provider = target.provider
  record.upstreamModel = target.model
  record.upstreamProtocol = opened.protocol
  record.path = path
  if (closed?.vendorRequestId !== undefined) record.vendorRequestId = closed.vendorRequestId
}
