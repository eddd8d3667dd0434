import { createHash } from 'node:crypto'
import { type Conversation, isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'

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
    ...(person !== undefined && { [field]: shortened(person, 'user', losses) }),
    ...(session !== undefined && { prompt_cache_key: shortened(session, 'user', losses) }),
    ...encodeTier(conversation.serviceTier, losses),
    ...(metadata && encodeMetadata(metadata, losses)),
    store: false,
    ...shared,
  }
}

/**
 * An agent tells its session in the id of its user, as JSON (`session_id`) or at the end of it (`…_session_…`). The id of a person must be the same
 * in all sessions, and the session finds the cached prompt.
 */
function splitSession(user: string): { readonly person?: string; readonly session?: string } {
  const tail = /^(.+)_session_([\w-]+)$/.exec(user)
  if (tail?.[1] !== undefined && tail[2] !== undefined) return { person: tail[1], session: tail[2] }
  const told = user.startsWith('{') ? parsed(user) : undefined
  if (!told || typeof told.session_id !== 'string') return { person: user }
  const { session_id: session, ...others } = told
  return { ...(Object.keys(others).length > 0 && { person: JSON.stringify(others) }), ...(session !== '' && { session }) }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** A longer one is refused (`string_above_max_length`); its digest is as stable. */
function shortened(text: string, path: string, losses: LossSink): string {
  if (text.length <= 64) return text
  losses.approximated(path, 'user-id', 'hint', 'The SHA-256 of an id over 64 characters.')
  return createHash('sha256').update(text).digest('hex')
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
