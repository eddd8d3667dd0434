import { isDeepStrictEqual } from 'node:util'
import {
  type EncodeReplyOptions,
  formatEvent,
  type JsonObject,
  mergeUsage,
  type ReplyEvent,
  reportForeignFields,
  type StreamEncoder,
  type Usage,
} from 'tokligence'
import { OncePerReply } from '../../anthropic-messages/stream/once-per-reply.ts'
import { encodeStreamError } from '../failure/encode-error.ts'
import { describeReply } from '../reply/reply-description.ts'
import { encodeUsage } from '../reply/usage.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { CandidateEncoder } from './candidate-encoder.ts'

/**
 * The protocol has no event that says nothing, and clients take a comment for broken JSON (@google/genai before 1.34, @google/generative-ai, and
 * python-genai). Chunks whose usage has no figures are the vendor's own: recordings of Vertex have them.
 */
export const ping = 'data: {"usageMetadata":{}}\n\n'

/**
 * Events as chunks, each a partial reply of its own. The finish of every candidate and the usage come out of `reply-end` in one chunk, so that it can be
 * withheld; clients take a `finishReason` for the end.
 */
export class ContentsStreamEncoder implements StreamEncoder {
  readonly #options: EncodeReplyOptions
  readonly #candidates = new Map<number, CandidateEncoder>()
  readonly #owners = new Map<number, readonly [candidate: CandidateEncoder, number: number]>()
  #head: JsonObject | undefined
  /** Members that stand in one chunk alone. */
  #once: JsonObject = {}
  #said: JsonObject = {}
  #native = false
  #blocked = false
  #usage: Usage | undefined
  #over = false

  constructor(options: EncodeReplyOptions) {
    this.#options = { ...options, losses: new OncePerReply(options.losses) }
  }

  push(event: ReplyEvent): string {
    if (this.#over) return ''
    switch (event.type) {
      case 'reply-start':
        return this.#start(event)
      case 'block-start': {
        const number = event.candidate ?? 0
        this.#owners.set(event.index, [this.#candidate(number), number])
        return this.#write(number, this.#candidate(number).start(event.index, event.block))
      }
      case 'block-delta':
      case 'block-end': {
        const [candidate, number] = this.#owners.get(event.index) ?? []
        if (!candidate || number === undefined) return ''
        return this.#write(number, event.type === 'block-end' ? candidate.end(event) : candidate.delta(event.index, event.delta))
      }
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return ''
      case 'finish':
        this.#candidate(event.candidate ?? 0).setFinish(event)
        return ''
      case 'foreign':
        this.#foreign(event)
        return ''
      case 'reply-end':
        return this.#end(event)
      case 'error':
        this.#over = true
        return encodeStreamError(event.error)
    }
  }

  /** With the name of the reply, which clients look for in every chunk. */
  ping(): string {
    return this.#head ? this.#chunk({ usageMetadata: {} }) : ping
  }

  #start(event: Extract<ReplyEvent, { type: 'reply-start' }>): string {
    if (this.#head) return ''
    const { fields, memo } = recall(event)
    this.#native = memo.native === true
    this.#blocked = memo.blocked !== undefined
    this.#said = fields
    this.#once = fields
    reportForeignFields(event, '', this.#options.losses, protocolId)
    this.#head = describeReply(event, memo, this.#options)
    return ''
  }

  /** Those of this protocol are citations, which are kept whole at the finish too. */
  #foreign({ protocol, kind }: Extract<ReplyEvent, { type: 'foreign' }>): void {
    if (protocol !== protocolId) this.#options.losses.dropped(kind, kind.replaceAll(/[._]/g, '-'), 'semantic')
  }

  #end(event: Extract<ReplyEvent, { type: 'reply-end' }>): string {
    this.#over = true
    this.#describeEnd(event)
    if (this.#candidates.size === 0) this.#candidate(0)
    const candidates = [...this.#candidates]
    let bytes = ''
    for (const [number, candidate] of candidates) bytes += this.#write(number, candidate.flush())
    const usage = encodeUsage(this.#usage, this.#native, this.#options)
    const finishes = this.#blocked && this.#owners.size === 0 ? {} : { candidates: candidates.map(([, candidate]) => candidate.close()) }
    return bytes + this.#chunk({ ...finishes, ...(usage && { usageMetadata: usage }) })
  }

  /** What came, or changed, after the reply had begun. */
  #describeEnd(event: Extract<ReplyEvent, { type: 'reply-end' }>): void {
    const { losses } = this.#options
    reportForeignFields(event, '', losses, protocolId)
    if (event.serviceTier !== undefined) losses.dropped('service_tier', 'service-tier', 'hint', event.serviceTier)
    const changed = Object.entries(recall(event).fields).filter(([field, value]) => !isDeepStrictEqual(value, this.#said[field]))
    this.#once = { ...this.#once, ...Object.fromEntries(changed) }
  }

  #write(number: number, parts: readonly JsonObject[]): string {
    if (parts.length === 0) return ''
    // Hosts leave the number of the only candidate out; the last chunk says it where the provider did.
    const index = this.#native && number === 0 ? {} : { index: number }
    return this.#chunk({ candidates: [{ content: { parts, role: 'model' }, ...index, ...this.#candidate(number).announcement() }] })
  }

  #chunk(body: JsonObject): string {
    const chunk = { ...body, ...this.#once, ...(this.#head ?? describeReply({}, {}, this.#options)) }
    this.#once = {}
    return formatEvent(JSON.stringify(chunk))
  }

  #candidate(number: number): CandidateEncoder {
    let candidate = this.#candidates.get(number)
    if (!candidate) {
      candidate = new CandidateEncoder(number, this.#native, this.#options)
      this.#candidates.set(number, candidate)
    }
    return candidate
  }
}
