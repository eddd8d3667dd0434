import { createHash } from 'node:crypto'
import { isJsonObject, type Json, type JsonObject } from 'tokligence'
import { madeKeyPrefix } from '../../protocol/openai-chat/request/user-session.ts'

/**
 * Gives a translated request a key for the prompt cache, unless it has one: from the caller, or from the session that an agent told.
 *
 * The vendor keeps cached prompts where they were read, and finds the place by a hash of the prompt's first tokens and this key. Without a key all
 * conversations of one agent go by the same tokens, and from about 15 requests a minute on some go elsewhere, where nothing of them is cached. A key
 * for each conversation keeps its turns together. (developers.openai.com/api/docs/guides/prompt-caching, "How it works".)
 *
 * The key is a digest of what a conversation begins with, its instructions and the user's first turn. It is the same in all turns and after a
 * restart, another one in another conversation, and tells nothing that the request does not.
 */
export function withPromptCacheKey(body: JsonObject): JsonObject {
  if (typeof body.prompt_cache_key === 'string') return body
  const opening = openingOf(body.messages ?? body.input)
  if (opening.length === 0) return body
  const digest = createHash('sha256')
    .update(JSON.stringify([body.instructions ?? null, opening]))
    .digest('base64url')
  return { ...body, prompt_cache_key: madeKeyPrefix + digest }
}

/** Up to the end of the user's first turn, which may be several messages. */
function openingOf(turns: Json | undefined): readonly Json[] {
  if (!Array.isArray(turns)) return []
  const start = turns.findIndex(isUser)
  const end = turns.findIndex((turn, index) => index > start && !isUser(turn))
  return start === -1 ? [] : turns.slice(0, end === -1 ? undefined : end)
}

function isUser(turn: Json): boolean {
  return isJsonObject(turn) && turn.role === 'user'
}
