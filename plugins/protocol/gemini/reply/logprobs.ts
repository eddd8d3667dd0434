import { isJsonObject, type Json, type JsonObject, type LossSink, type TokenLogprob } from 'tokligence'

type Top = Omit<TokenLogprob, 'top'>

/** LogprobsResult in @google/genai 3.1.0, whose two lists run in step. Undefined when the value tells no token. */
export function decodeLogprobs(value: Json | undefined): TokenLogprob[] | undefined {
  if (!isJsonObject(value) || !Array.isArray(value.chosenCandidates)) return undefined
  const tops: readonly Json[] = Array.isArray(value.topCandidates) ? value.topCandidates : []
  const tokens: TokenLogprob[] = []
  for (const [index, chosen] of (value.chosenCandidates as readonly Json[]).entries()) {
    const token = tokenOf(chosen)
    if (!token) return undefined
    const top = tops[index]
    const list: readonly Json[] = isJsonObject(top) && Array.isArray(top.candidates) ? top.candidates : []
    const likeliest = list.map(tokenOf).filter((other) => other !== undefined)
    tokens.push(likeliest.length > 0 ? { ...token, top: likeliest } : token)
  }
  return tokens
}

/** A missing probability is 0 in ProtoJSON: the token was certain. */
function tokenOf(value: Json): Top | undefined {
  if (!isJsonObject(value) || typeof value.token !== 'string') return undefined
  return { token: value.token, logprob: typeof value.logProbability === 'number' ? value.logProbability : 0 }
}

export function encodeLogprobs(tokens: readonly TokenLogprob[], path: string, losses: LossSink): JsonObject {
  if (tokens.some(isPartial)) losses.dropped(`${path}logprobs`, 'logprob-bytes', 'hint', 'Some tokens are parts of characters.')
  const written = ({ token, logprob }: Top): JsonObject => ({ token, logProbability: logprob })
  return {
    chosenCandidates: tokens.map(written),
    ...(tokens.some(({ top }) => top) && { topCandidates: tokens.map(({ top }) => ({ candidates: (top ?? []).map(written) })) }),
  }
}

/** The bytes say more than the text: a token may end in the middle of a character. */
function isPartial({ token, bytes }: TokenLogprob): boolean {
  return bytes !== undefined && Buffer.compare(Buffer.from(token), Buffer.from(bytes)) !== 0
}

/** The log probabilities of a stream, put together list by list. */
export class LogprobPieces {
  readonly #lists = new Map<string, Json[]>()
  #other: { [field: string]: Json } = {}
  #value: Json | undefined

  /** Undefined until something was added. */
  get whole(): Json | undefined {
    return isJsonObject(this.#value) ? { ...this.#other, ...Object.fromEntries(this.#lists) } : this.#value
  }

  add(value: Json): void {
    if (!isJsonObject(value) || !isJsonObject(this.#value)) {
      this.#lists.clear()
      this.#other = {}
    }
    this.#value = value
    for (const [field, member] of isJsonObject(value) ? Object.entries(value) : []) this.#addMember(field, member)
  }

  #addMember(field: string, member: Json): void {
    const list = this.#lists.get(field)
    if (Array.isArray(member)) {
      const pieces: readonly Json[] = member
      if (list) for (const piece of pieces) list.push(piece)
      else this.#lists.set(field, [...pieces])
      return
    }
    this.#lists.delete(field)
    const before = this.#other[field]
    this.#other[field] = field === 'logProbabilitySum' && typeof before === 'number' && typeof member === 'number' ? before + member : member
  }
}
