import type { ClientReply } from '../client-reply.ts'
import type { Json } from '../conversation/index.ts'
import type { GatewayError } from '../errors.ts'
import type { GatewayRequest } from '../request.ts'
import type { Delivery } from './delivery.ts'
import { endingOf } from './ending.ts'

/** An error as the caller's answer: in its protocol's envelope, or inside its stream when that has begun. */
export function failureDelivery(request: GatewayRequest, client: ClientReply, error: GatewayError): Delivery {
  const wire = error.toWire()
  const gone = request.gone?.code === 'TKL_CLIENT_GONE'
  return {
    ending: endingOf(request.gone ?? error),
    error,
    status: request.status ?? (gone ? 499 : error.status),
    release() {
      const protocol = request.protocolBinding
      if (!client.headSent) {
        const body = protocol ? protocol.encodeError(wire, request.requestId) : plainEnvelope(error)
        client.send(error.status, errorHeaders(error), JSON.stringify(body))
      } else if (request.stream && protocol) client.end(protocol.encodeStreamError(wire, request.requestId))
      else client.destroy()
    },
  }
}

/** The envelope where no protocol is known. */
function plainEnvelope(error: GatewayError): Json {
  return { error: { message: error.message, type: error.kind, code: error.code } }
}

function errorHeaders(error: GatewayError): Record<string, string | string[] | number> {
  const { retryAfter, details, headers: vendor } = error.options
  const headers: Record<string, string | string[] | number> = { ...vendor, 'content-type': 'application/json' }
  if (retryAfter !== undefined) headers['retry-after'] ??= retryAfter
  if (error.code === 'TKL_METHOD_NOT_ALLOWED' && typeof details === 'object' && details !== null && 'allow' in details) headers.allow = String(details.allow)
  return headers
}
