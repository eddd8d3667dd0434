import type { EncodeReplyOptions } from '../contracts/protocol.ts'
import type { GatewayRequest } from '../request.ts'
import type { Prepared } from './prepare.ts'

export function replyOptions(request: GatewayRequest, prepared: Prepared): EncodeReplyOptions {
  return { losses: prepared.losses, conversation: request.conversation, estimatedInput: prepared.attempt.estimatedInput, replyId: request.id }
}
