import type { RouteTarget } from '../contracts/router.ts'
import type { TranslationTarget } from '../contracts/translation.ts'
import type { Conversation, Reply } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'
import { chooseProtocol } from './choose-protocol.ts'
import type { Exchanged } from './deliver.ts'
import { replyOptions } from './reply-options.ts'

/** The conversation as plugins want it to go to a provider of another protocol; undefined for one of the caller's own. */
export async function modifyTranslated(generation: Generation, request: GatewayRequest, target: RouteTarget): Promise<Conversation | undefined> {
  const goal = translationTarget(generation, request, target)
  return goal && generation.hooks.run('modifyTranslated', request.conversation, goal, request)
}

/** Tells plugins the whole reply, as its caller gets it; of one that was only looked into, its protocol. */
export async function onTranslatedReply({ generation, request, prepared }: Exchanged, reply: Reply): Promise<void> {
  const { session, attempt } = prepared
  const goal = translationTarget(generation, request, attempt.target)
  if (goal) await generation.hooks.run('onTranslatedReply', session?.callerReply?.(reply, replyOptions(request, prepared)) ?? reply, goal, request)
  else prepared.protocol.seeReply?.(reply, request)
}

function translationTarget(generation: Generation, request: GatewayRequest, { provider: id, model }: RouteTarget): TranslationTarget | undefined {
  if (request.operation !== 'generate' && request.operation !== 'count-tokens') return undefined
  const provider = generation.registry.get('provider', id)
  try {
    const { protocol } = chooseProtocol(generation, provider, request, id)
    return protocol === request.protocol ? undefined : { provider: id, account: provider.account, protocol, model }
  } catch (error) {
    // What cannot be asked of the provider is said when it is.
    if (GatewayError.is(error)) return undefined
    throw error
  }
}
