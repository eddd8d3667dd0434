import type { ClientReply } from '../client-reply.ts'
import { GatewayError } from '../errors.ts'
import type { UpstreamAnswer } from '../upstream/answer.ts'
import { identityHeaders, translatedHeaders } from './answer-headers.ts'
import type { Delivery } from './delivery.ts'
import type { Prepared } from './prepare.ts'

/** A provider's refusal. */
export interface VendorRefusal {
  readonly error: GatewayError
  readonly status: number
  readonly body: Buffer
}

export function readRefusal(prepared: Prepared, answer: UpstreamAnswer, body: Buffer): VendorRefusal {
  const status = answer.status < 400 ? 502 : answer.status
  const wire = prepared.upstreamProtocol.decodeError(status, body, answer.headers)
  return { error: GatewayError.fromWire(wire, translatedHeaders(prepared, answer, {})), status: answer.status, body }
}

/** A refusal in the caller's own protocol goes on byte for byte. */
export function identityRefusal(prepared: Prepared, answer: UpstreamAnswer, client: ClientReply, refusal: VendorRefusal): Delivery {
  return {
    ending: 'upstream-error',
    error: refusal.error,
    status: answer.status,
    path: 'identity',
    release: () => client.send(answer.status, identityHeaders(prepared, answer), refusal.body),
  }
}
