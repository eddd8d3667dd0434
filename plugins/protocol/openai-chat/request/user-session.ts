import { createHash } from 'node:crypto'
import type { LossSink } from 'tokligence'
import { jsonObjectOf } from '../wire/json-object.ts'

/** Stands before keys of the prompt cache that were made here: no caller asked for one, so nobody loses it where a server takes none. */
export const madeKeyPrefix = 'tkl-'

/** The most characters of an id or a key; a longer one is refused (`string_above_max_length`). */
const longest = 64

/**
 * An agent tells its session in the id of its user, as JSON (`session_id`) or at the end of it (`…_session_…`). The id of a person must be the same
 * in all sessions, and the session finds the cached prompt.
 */
export function splitSession(user: string): { readonly person?: string; readonly session?: string } {
  const tail = /^(.+)_session_([\w-]+)$/.exec(user)
  if (tail?.[1] !== undefined && tail[2] !== undefined) return { person: tail[1], session: tail[2] }
  const told = user.startsWith('{') ? jsonObjectOf(user) : undefined
  if (!told || typeof told.session_id !== 'string') return { person: user }
  const { session_id: session, ...others } = told
  return { ...(Object.keys(others).length > 0 && { person: JSON.stringify(others) }), ...(session !== '' && { session }) }
}

/** The id of a person as the vendor takes it: the digest of a long one is as stable. */
export function shortUser(person: string, losses: LossSink): string {
  if (person.length <= longest) return person
  losses.approximated('user', 'user-id', 'hint', 'The SHA-256 of an id over 64 characters.')
  return createHash('sha256').update(person).digest('hex')
}

/** A session as a `prompt_cache_key`. */
export function promptCacheKey(session: string): string {
  const key = madeKeyPrefix + session
  return key.length <= longest ? key : madeKeyPrefix + createHash('sha256').update(session).digest('base64url')
}
