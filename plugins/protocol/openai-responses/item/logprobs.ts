import { isJsonObject, type Json, type JsonObject, type TokenLogprob } from 'tokligence'

/** Log probabilities of a part (openai 6.49.0, ResponseOutputText.Logprob); undefined when one of them is not in that shape. */
export function decodeLogprobs(list: readonly Json[]): readonly TokenLogprob[] | undefined {
  const tokens: TokenLogprob[] = []
  for (const value of list) {
    const token = decodeToken(value)
    if (!token) return undefined
    const top = isJsonObject(value) && Array.isArray(value.top_logprobs) ? (value.top_logprobs as readonly Json[]).map(decodeToken) : []
    tokens.push({ ...token, ...(top.length > 0 && { top: top.filter((alternative) => alternative !== undefined) }) })
  }
  return tokens
}

function decodeToken(value: Json): TokenLogprob | undefined {
  if (!isJsonObject(value) || typeof value.token !== 'string' || typeof value.logprob !== 'number') return undefined
  const bytes = Array.isArray(value.bytes) && value.bytes.every((byte: Json) => typeof byte === 'number') ? (value.bytes as number[]) : undefined
  return { token: value.token, logprob: value.logprob, ...(bytes && { bytes }) }
}

export function encodeLogprobs(tokens: readonly TokenLogprob[]): JsonObject[] {
  return tokens.map((token) => ({ ...encodeToken(token), top_logprobs: (token.top ?? []).map(encodeToken) }))
}

/** The bytes are required by the protocol, and are those of the token where nobody told otherwise. */
function encodeToken({ token, logprob, bytes }: TokenLogprob): JsonObject {
  return { token, bytes: bytes ?? [...Buffer.from(token)], logprob }
}
