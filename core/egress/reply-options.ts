import type { EncodeReplyOptions } from '../contracts/protocol.ts'
import type { GatewayRequest } from '../request.ts'
import type { Prepared } from './prepare.ts'

export function replyOptions(request: GatewayRequest, prepared: Prepared): EncodeReplyOptions {
  const { losses, seals, attempt } = prepared
  return { losses, conversation: request.conversation, estimatedInput: attempt.estimatedInput, replyId: request.id, seals }
}
