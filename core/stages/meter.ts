import type { ClientReply } from '../client-reply.ts'
import type { RequestRecord } from '../contracts/ledger.ts'
import type { Delivery } from '../egress/delivery.ts'
import { failureDelivery } from '../egress/failure.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'

/** Fifth stage: one row per request, durable before the caller sees the end of its answer. */
export async function meter(generation: Generation, request: GatewayRequest, delivery: Delivery, client: ClientReply): Promise<void> {
  request.usage = delivery.usage ?? request.usage
  request.error = delivery.error
  request.status ??= delivery.status
  let record = describe(request, delivery)
  if (generation.hooks.used.modifyCharge) record = await generation.hooks.run('modifyCharge', record, request)
  const refusal = await write(generation, record)
  if (refusal) refuse(generation, request, client, delivery, refusal)
  else delivery.release()
  if (generation.hooks.used.onMeter) void generation.hooks.run('onMeter', record, request).catch(reported(generation))
}

async function write(generation: Generation, record: RequestRecord): Promise<GatewayError | undefined> {
  try {
    await generation.ledger?.record(record)
    return undefined
  } catch (error) {
    return GatewayError.from(error)
  }
}

/** The ledger could not write and is set to refuse: the caller must not take the answer for a whole one. */
function refuse(generation: Generation, request: GatewayRequest, client: ClientReply, delivery: Delivery, error: GatewayError): void {
  generation.logger.error({ requestId: request.requestId, error }, 'the ledger did not take the row of a request')
  request.error = error
  // What failed anyway, and cost nothing, goes out as it is.
  if (delivery.ending === 'rejected') delivery.release()
  else failureDelivery(request, client, error).release()
}

function describe(request: GatewayRequest, delivery: Delivery): RequestRecord {
  const last = request.attempts.at(-1)
  const vendorId = last?.closed?.vendorRequestId
  return {
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
    ...(request.principal && { principal: request.principal.id }),
    ...(request.callerModel !== undefined && { model: request.callerModel }),
    ...(last && { provider: last.target.provider, upstreamModel: last.target.model, upstreamProtocol: last.opened.protocol, path: last.path }),
    ...(delivery.path && { path: delivery.path }),
    ...(delivery.error && { errorCode: delivery.error.code }),
    ...(delivery.finish !== undefined && { finish: delivery.finish }),
    ...(vendorId !== undefined && { vendorRequestId: vendorId }),
    ...(delivery.replyId !== undefined && { replyId: delivery.replyId }),
    ...(request.firstByteAt !== undefined && { timeToFirstByte: request.firstByteAt - request.arrived }),
    ...(request.usage && { usage: request.usage }),
  }
}

/** Hooks after the end cannot fail the request; a fail-closed one that throws is logged by the hook runtime already. */
export function reported(generation: Generation): (error: unknown) => void {
  return (error) => generation.hooks.onError(GatewayError.from(error), undefined)
}
