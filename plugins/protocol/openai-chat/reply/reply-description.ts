import type { EncodeReplyOptions, JsonObject, Reply } from 'tokligence'

/** openai 6.49.0, ChatCompletion.service_tier. */
const serviceTiers = new Set(['auto', 'default', 'flex', 'scale', 'priority'])

type Described = Pick<Reply, 'id' | 'model' | 'created' | 'serviceTier'>

/** The members that say which reply it is. Those that the protocol demands are made where the provider gave none. */
export function describeReply(reply: Described, native: boolean, options: EncodeReplyOptions): JsonObject {
  if (native) {
    return {
      ...(reply.id !== undefined && { id: reply.id }),
      ...(reply.created !== undefined && { created: reply.created }),
      ...(reply.model !== undefined && { model: reply.model }),
      ...(reply.serviceTier !== undefined && { service_tier: reply.serviceTier }),
    }
  }
  const tier = reply.serviceTier === 'standard' ? 'default' : reply.serviceTier
  const knownTier = tier !== undefined && serviceTiers.has(tier)
  if (tier !== undefined && !knownTier) options.losses.dropped('service_tier', 'service-tier', 'hint', tier)
  return {
    id: prefixed(reply.id ?? options.replyId),
    created: reply.created ?? Math.floor(Date.now() / 1_000),
    model: reply.model ?? options.conversation.model,
    ...(knownTier && { service_tier: tier }),
  }
}

function prefixed(id: string): string {
  return id.startsWith('chatcmpl-') ? id : `chatcmpl-${id}`
}
