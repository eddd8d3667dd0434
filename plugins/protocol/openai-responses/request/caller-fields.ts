import type { Conversation, JsonObject, LossSink } from 'tokligence'
import { promptCacheKey, shortUser, splitSession } from '../../openai-chat/request/user-session.ts'

/** The vendor's other protocol has these fields too (openai 6.49.0, ChatCompletionCreateParamsBase and ResponseCreateParamsBase). */
const sharedProtocol = 'openai-chat'
const sharedFields = ['moderation', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'safety_identifier', 'store'] as const

export interface SharedFields {
  readonly shared: JsonObject
  /** The conversation without them: they are no loss. */
  readonly rest: Pick<Conversation, 'ext'>
}

/** Parts what a caller of the vendor's other protocol says in words of this one from what it leaves over. */
export function takeShared({ ext }: Conversation): SharedFields {
  const fields = ext?.[sharedProtocol]
  if (!ext || !fields) return { shared: {}, rest: ext ? { ext } : {} }
  const isShared = (name: string) => (sharedFields as readonly string[]).includes(name)
  const shared = Object.entries(fields).filter(([name]) => isShared(name))
  const others = Object.entries(fields).filter(([name]) => !isShared(name))
  return { shared: Object.fromEntries(shared), rest: { ext: { ...ext, [sharedProtocol]: Object.fromEntries(others) } } }
}

/** Who asks, and for whom; nothing is stored unless the caller asked for it. */
export function encodeCallerFields(conversation: Conversation, shared: JsonObject, losses: LossSink): JsonObject {
  const { user, metadata } = conversation
  const { person, session } = user === undefined ? {} : splitSession(user)
  const field = shared.safety_identifier === undefined && conversation.ext?.[sharedProtocol] === undefined ? 'safety_identifier' : 'user'
  return {
    ...(person !== undefined && { [field]: shortUser(person, losses) }),
    ...(session !== undefined && { prompt_cache_key: promptCacheKey(session) }),
    ...encodeTier(conversation.serviceTier, losses),
    ...(metadata && encodeMetadata(metadata, losses)),
    store: false,
    ...shared,
  }
}

/** openai 6.49.0, ResponseCreateParamsBase.service_tier. */
const serviceTiers = new Set(['auto', 'default', 'flex', 'scale', 'priority'])

function encodeTier(tier: string | undefined, losses: LossSink): JsonObject {
  if (tier === undefined) return {}
  if (serviceTiers.has(tier)) return { service_tier: tier }
  losses.dropped('service_tier', 'service-tier', 'hint', tier)
  return {}
}

/** 16 pairs of texts, of 64 and 512 characters at most (openai 6.49.0, Metadata). */
function encodeMetadata(metadata: JsonObject, losses: LossSink): JsonObject {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(metadata)) {
    const fits = Object.keys(kept).length < 16 && name.length <= 64 && typeof value === 'string' && value.length <= 512
    if (fits) kept[name] = value
    else losses.dropped(`metadata.${name}`, 'metadata', 'hint')
  }
  return Object.keys(kept).length === 0 ? {} : { metadata: kept }
}
