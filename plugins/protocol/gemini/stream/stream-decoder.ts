import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  GatewayError,
  isJsonObject,
  type Json,
  type JsonObject,
  type ReplyEvent,
  replyReader as read,
  type ServerSentEvent,
  type StreamDecoder,
} from 'tokligence'
import { decodeErrorValue } from '../failure/decode-error.ts'
import { blockedCandidate, callSeed } from '../reply/decode-reply.ts'
import { blockWord } from '../reply/finish-reason.ts'
import { replyFields, takeDescription } from '../reply/reply-description.ts'
import { decodeUsage, mergeRawUsage } from '../reply/usage.ts'
import { takeFields } from '../wire/fields.ts'
import { remember } from '../wire/wire-memo.ts'
import { CandidateDecoder } from './candidate-decoder.ts'

type Emit = (event: ReplyEvent) => void

/** Candidates beyond this are told apart by their place alone: nothing is made ready for numbers that a provider makes up. */
const mostCandidates = 100

/**
 * Chunks are partial replies. No event says that the stream is over: a candidate ends with its `finishReason`, and chunks with usage alone may follow it,
 * so the end is told when the stream has ended.
 */
export class ContentsStreamDecoder implements StreamDecoder {
  #over = false
  #started = false
  #known: JsonObject = {}
  /** Whether something came, or changed, after the reply had begun. */
  #late = false
  #blocked = false
  /** What refused the prompt. */
  #promptFeedback: Json | undefined
  #rawUsage: JsonObject | undefined
  #seed: string | undefined
  #blocks = 0
  readonly #candidates = new Map<number, CandidateDecoder>()

  push(event: ServerSentEvent): readonly ReplyEvent[] {
    if (this.#over || event.data.trim() === '') return []
    return this.#collect((emit) => {
      const parsed = parse(event.data)
      // The endpoint that streams arrays puts an error into one of its own.
      for (const chunk of Array.isArray(parsed) ? (parsed as readonly Json[]) : [parsed]) if (!this.#over) this.#chunk(read.object(chunk, 'the chunk'), emit)
    })
  }

  end(): readonly ReplyEvent[] {
    if (this.#over) return []
    return this.#collect((emit) => this.#close(emit))
  }

  #collect(step: (emit: Emit) => void): ReplyEvent[] {
    const emitted: ReplyEvent[] = []
    try {
      step((event) => emitted.push(event))
    } catch (error) {
      this.#over = true
      emitted.push({ type: 'error', error: readable(error).toWire() })
    }
    return emitted
  }

  #chunk(chunk: JsonObject, emit: Emit): void {
    if (chunk.error !== undefined && chunk.error !== null && chunk.candidates === undefined) {
      this.#over = true
      emit({ type: 'error', error: decodeErrorValue(chunk.error) })
      return
    }
    const { fields, rest } = takeFields(chunk, replyFields)
    const { candidates, usageMetadata, ...described } = fields
    const list = candidates === undefined ? [] : read.array(candidates, 'candidates')
    // Ratings of the prompt alone refuse nothing.
    if (blockWord(described.promptFeedback) !== undefined) this.#promptFeedback = described.promptFeedback
    this.#describe({ ...rest, ...(described as JsonObject) }, list.length === 0, emit)
    for (const [position, value] of list.entries()) {
      const candidate = read.object(value, `candidates[${position}]`)
      this.#candidate(numberOf(candidate.index, position)).push(candidate, emit)
    }
    if (isJsonObject(usageMetadata)) this.#usage(usageMetadata, emit)
  }

  #usage(raw: JsonObject, emit: Emit): void {
    this.#rawUsage = mergeRawUsage(this.#rawUsage, raw)
    const usage = decodeUsage(this.#rawUsage)
    if (usage) emit({ type: 'usage', usage })
  }

  /** Every chunk tells which reply it is of; the first one begins it. */
  #describe(described: JsonObject, bare: boolean, emit: Emit): void {
    for (const [field, value] of Object.entries(described)) {
      if (value === null || isDeepStrictEqual(value, this.#known[field])) continue
      this.#known = { ...this.#known, [field]: value }
      this.#late ||= this.#started
    }
    if (this.#started) return
    this.#started = true
    this.#blocked = bare && this.#promptFeedback !== undefined
    const { known } = takeDescription(this.#known)
    this.#seed = known.id
    emit({ type: 'reply-start', ...known, ...this.#extensions() })
  }

  #candidate(number: number): CandidateDecoder {
    let candidate = this.#candidates.get(number)
    if (!candidate) {
      this.#seed ??= randomUUID()
      candidate = new CandidateDecoder(number, callSeed(this.#seed, number), () => this.#blocks++)
      this.#candidates.set(number, candidate)
    }
    return candidate
  }

  #close(emit: Emit): void {
    const blocked = this.#candidates.size === 0 && this.#promptFeedback !== undefined
    const finished = this.#candidates.size > 0 && [...this.#candidates.values()].every((candidate) => candidate.finished)
    if (!blocked && !finished) throw new GatewayError('TKL_UPSTREAM_CUT', 'The provider’s stream ended before the reply was whole.')
    const candidates = [...this.#candidates].sort(([one], [other]) => one - other).map(([, candidate]) => candidate)
    for (const candidate of candidates) candidate.closeBlocks(emit)
    if (blocked) emit({ type: 'finish', finish: blockedCandidate(this.#promptFeedback as Json).finish })
    for (const candidate of candidates) candidate.finish(emit)
    this.#over = true
    emit({ type: 'reply-end', ...(this.#late && this.#extensions()) })
  }

  #extensions() {
    const { rest, memo } = takeDescription(this.#known)
    return remember(rest, { ...memo, native: true, blocked: this.#blocked ? 'absent' : undefined })
  }
}

function numberOf(index: Json | undefined, position: number): number {
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) < mostCandidates ? (index as number) : position
}

/** Values that are nested too deeply for the stack are the provider's fault as well. */
function readable(error: unknown): GatewayError {
  if (GatewayError.is(error)) return error
  if (!(error instanceof RangeError)) throw error
  return new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s stream holds an event that is nested too deeply.', { cause: error })
}

function parse(data: string): Json {
  try {
    return JSON.parse(data) as Json
  } catch (error) {
    throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s stream holds an event that is not JSON.', { cause: error })
  }
}
