import type { Generation } from '../generation.ts'
import type { GuardAnswer } from '../hooks.ts'
import type { GatewayRequest } from '../request.ts'

/** Second stage: hooks see the conversation. Without taps nothing is decoded here. */
export async function normalize(generation: Generation, request: GatewayRequest): Promise<GuardAnswer | undefined> {
  const { hooks } = generation
  if (request.operation !== 'generate' && request.operation !== 'count-tokens') return undefined
  if (hooks.used.modifyConversation) {
    const conversation = await hooks.run('modifyConversation', request.conversation, request)
    if (conversation !== request.conversation) request.rewrite(conversation)
  }
  return hooks.used.guardConversation ? hooks.run('guardConversation', request.conversation, request) : undefined
}
