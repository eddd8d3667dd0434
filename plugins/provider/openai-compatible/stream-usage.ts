import type { JsonObject } from 'tokligence'

/** Translations ask every stream for its usage; a server that does not know the wish may refuse it. */
export function withoutStreamUsage(body: JsonObject): JsonObject {
  if (!('stream_options' in body)) return body
  const { stream_options: _, ...rest } = body
  return rest
}
