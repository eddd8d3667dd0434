import type { ProtocolId } from '../contracts/protocol.ts'
import type { Translation } from '../contracts/translation.ts'
import type { Registry } from '../registry.ts'
import { type PairRules, viaConversation } from './via-conversation.ts'

/** The stock translation between two protocols that are looked up when it is first used: the registry is complete only after every plugin is set up. */
export function viaRegistry(registry: Registry, from: ProtocolId, to: ProtocolId, rules?: PairRules): Translation {
  let translation: Translation | undefined
  return {
    from,
    to,
    open() {
      translation ??= viaConversation(registry.get('protocol', from), registry.get('protocol', to), rules)
      return translation.open()
    },
  }
}
