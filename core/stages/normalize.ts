import type { Generation } from '../generation.ts'
import type { Awaitable, GuardAnswer } from '../hooks.ts'
import type { GatewayRequest } from '../request.ts'

/** Second stage: hooks see the conversation. Without taps nothing is decoded here. */
export function normalize(generation: Generation, request: GatewayRequest): Awaitable<GuardAnswer | undefined> {
  const { used } = generation.hooks
  if (!used.modifyConversation && !used.guardConversation) return undefined
  if (request.operation !== 'generate' && request.operation !== 'count-tokens') return undefined
  return runConversationHooks(generation, request)
}

async function runConversationHooks({ hooks }: Generation, request: GatewayRequest): Promise<GuardAnswer | undefined> {
  if (hooks.used.modifyConversation) {
    const conversation = await hooks.run('modifyConversation', request.conversation, request)
    if (conversation !== request.conversation) request.rewrite(conversation)
  }
  return hooks.used.guardConversation ? hooks.run('guardConversation', request.conversation, request) : undefined
}
