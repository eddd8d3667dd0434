import type { ClientReply } from '../client-reply.ts'
import { estimateInputTokens } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { GatewayRequest } from '../request.ts'
import type { Delivery } from './delivery.ts'

/** Callers stop working when token counting fails, so a figure of our own stands in for a provider that has none. Marked by a header. */
export function countLocally(request: GatewayRequest, client: ClientReply): Delivery {
  const protocol = request.protocolBinding
  if (!protocol?.tokenCount) throw new GatewayError('TKL_OPERATION_UNSUPPORTED', `${request.protocol} has no answer for token counts.`)
  const body = JSON.stringify(protocol.tokenCount.write(estimateInputTokens(request.conversation)))
  return {
    ending: 'complete',
    status: 200,
    path: 'local',
    release: () => client.send(200, { 'content-type': 'application/json', 'x-tokligence-token-count': 'estimated' }, body),
  }
}

/** The statuses by which a provider says that the request itself is wrong, or that the key is: an estimate would hide these. */
export function refusesCount(error: unknown): boolean {
  return GatewayError.is(error, 'TKL_UPSTREAM_ERROR') && [400, 401, 403, 413].includes(error.status)
}
