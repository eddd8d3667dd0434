import { isJsonObject, type Json, type JsonObject, type TokenLogprob } from 'tokligence'

/** `logprobs.content` of a choice (openai 6.49.0, ChatCompletionTokenLogprob) in the neutral form; undefined when there is none. */
export function decodeTokens(logprobs: Json | undefined): readonly TokenLogprob[] | undefined {
  const content = isJsonObject(logprobs) ? logprobs.content : undefined
  if (!Array.isArray(content) || content.length === 0) return undefined
  const tokens = content.map((entry: Json) => decodeToken(entry))
  return tokens.every((token) => token !== undefined) ? tokens : undefined
}

function decodeToken(entry: Json): TokenLogprob | undefined {
  if (!isJsonObject(entry) || typeof entry.token !== 'string' || typeof entry.logprob !== 'number') return undefined
  const { token, logprob, bytes, top_logprobs: top } = entry
  const alternatives = Array.isArray(top) ? top.flatMap((each: Json) => decodeToken(each) ?? []) : []
  return {
    token,
    logprob,
    ...(Array.isArray(bytes) && { bytes: bytes as readonly number[] }),
    ...(alternatives.length > 0 && { top: alternatives }),
  }
}

/** Tokens of another protocol's reply as `logprobs`. */
export function encodeTokens(tokens: readonly TokenLogprob[]): JsonObject {
  return { content: tokens.map((token) => ({ ...bareToken(token), top_logprobs: (token.top ?? []).map(bareToken) })), refusal: null }
}

function bareToken({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): JsonObject {
  return { token, logprob, bytes: bytes ?? null }
}
