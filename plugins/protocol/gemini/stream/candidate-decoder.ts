import { type Block, type Json, type JsonObject, type ReasoningBlock, type ReplyEvent, replyReader as read, type TextBlock } from 'tokligence'
import { CallIds } from '../part/call-ids.ts'
import { decodePart } from '../part/decode-part.ts'
import { candidateFields, describeCandidate } from '../reply/candidate-fields.ts'
import { citationsOf } from '../reply/decode-citations.ts'
import { readContent } from '../reply/decode-reply.ts'
import { finishWord } from '../reply/finish-reason.ts'
import { LogprobPieces } from '../reply/logprobs.ts'
import { takeFields } from '../wire/fields.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { mergeCandidate } from './merge-candidate.ts'
import { PartialCall } from './partial-call.ts'

type Emit = (event: ReplyEvent) => void
type Flow = TextBlock | ReasoningBlock

/** One candidate of a stream. */
export class CandidateDecoder {
  readonly #candidate: number
  readonly #allocate: () => number
  readonly #calls: CallIds
  /** The blocks of this candidate so far, and their numbers in the reply. */
  readonly #blocks: Block[] = []
  readonly #indices: number[] = []
  /** Places in `#blocks` that are still open: the text that grows, and texts that sources are awaited for. */
  readonly #open = new Set<number>()
  #flow: number | undefined
  #partial: PartialCall | undefined
  #fields: JsonObject = {}
  readonly #logprobs = new LogprobPieces()
  #content = false
  #parts = false
  #role: Json | undefined
  #contentRest: JsonObject = {}

  /** `seed` makes the ids of calls that have none. */
  constructor(candidate: number, seed: string, allocate: () => number) {
    this.#candidate = candidate
    this.#allocate = allocate
    this.#calls = new CallIds(seed)
  }

  get finished(): boolean {
    return finishWord(this.#fields.finishReason) !== undefined
  }

  push(value: JsonObject, emit: Emit): void {
    const { fields, rest } = takeFields(value, candidateFields)
    const { content, logprobsResult, ...others } = fields
    if (logprobsResult !== undefined) this.#logprobs.add(logprobsResult)
    this.#fields = mergeCandidate(this.#fields, { ...rest, ...(others as JsonObject) })
    if (content === undefined) return
    const { parts, shape } = readContent(content, 'candidates[].content')
    this.#content = true
    this.#parts ||= shape.parts
    this.#role ??= shape.role
    this.#contentRest = { ...this.#contentRest, ...shape.rest }
    for (const part of parts) this.#part(read.object(part, 'candidates[].content.parts[]'), emit)
  }

  /** Closes what is open. Sources are told of at the very end, with the words that they stand for. */
  closeBlocks(emit: Emit): void {
    this.#endPartial(emit)
    this.#flow = undefined
    for (const { block, annotation } of citationsOf(this.#blocks, this.#fields.groundingMetadata, this.#fields.citationMetadata)) {
      const index = this.#indices[block] as number
      if (this.#open.has(block)) emit({ type: 'block-delta', index, delta: { type: 'annotation', annotation } })
      // Its text was closed before any source was announced; encoders report what they cannot place.
      else emit({ type: 'foreign', protocol: protocolId, kind: 'citation', value: annotation.value })
    }
    for (const place of this.#open) emit({ type: 'block-end', index: this.#indices[place] as number })
    this.#open.clear()
  }

  finish(emit: Emit): void {
    const shape = { present: this.#content, parts: this.#parts, role: this.#role, rest: this.#contentRest }
    const { fields, rest } = takeFields(this.#fields, candidateFields)
    const { whole } = this.#logprobs
    const all = { ...fields, ...(whole !== undefined && { logprobsResult: whole }) }
    emit({ type: 'finish', ...this.#numbered(), ...describeCandidate(all, rest, this.#blocks, shape, this.#candidate) })
  }

  #part(part: JsonObject, emit: Emit): void {
    if (this.#continues(part, emit)) return
    const block = decodePart(part, 'candidates[].content.parts[]', read, this.#calls)
    if (block.type === 'text' || block.type === 'reasoning') this.#append(block, emit)
    else this.#close(this.#start(block, emit), emit)
  }

  /** A function call in pieces: the first has the name, the last does not say that it goes on. */
  #continues(part: JsonObject, emit: Emit): boolean {
    const { fields } = takeFields(part, ['functionCall'])
    if (fields.functionCall === undefined) {
      this.#endPartial(emit)
      return false
    }
    const call = read.object(fields.functionCall, 'candidates[].content.parts[].functionCall')
    if (typeof call.name === 'string') {
      this.#endPartial(emit)
      if (call.willContinue !== true && call.partialArgs === undefined) return false
      this.#partial = new PartialCall(part, call)
    } else if (this.#partial) this.#partial.push(call)
    else return false
    if (call.willContinue !== true) this.#endPartial(emit)
    return true
  }

  #endPartial(emit: Emit): void {
    const partial = this.#partial
    if (!partial) return
    this.#partial = undefined
    const { functionCall: _, function_call: __, ...beside } = partial.part
    this.#close(this.#start(decodePart({ ...beside, functionCall: partial.whole }, 'candidates[].content.parts[]', read, this.#calls), emit), emit)
  }

  /** Parts of one kind are one block, up to a signature: it holds for what stands before it, and may come in a part without words. */
  #append(part: Flow, emit: Emit): void {
    const { text, sealed } = part
    const { fields } = recall(part)
    const special = Object.values(fields).some((value) => value !== null)
    if (text === '' && !sealed && !special) return
    const flow = this.#flow === undefined ? undefined : this.#blocks[this.#flow]
    const continues = flow?.type === part.type && !flow.sealed && !special
    const place = continues ? (this.#flow as number) : this.#start({ type: part.type, text: '', ...(special && part.ext && { ext: part.ext }) }, emit)
    this.#flow = place
    const index = this.#indices[place] as number
    const known = this.#blocks[place] as Flow
    this.#blocks[place] = { ...known, text: known.text + text, ...(sealed && { sealed }) }
    if (text !== '') emit({ type: 'block-delta', index, delta: { type: 'text', text } })
    if (sealed) emit({ type: 'block-delta', index, delta: { type: 'sealed', sealed } })
  }

  #start(block: Block, emit: Emit): number {
    if (this.#flow !== undefined) this.#leave(this.#flow, emit)
    this.#flow = undefined
    const index = this.#allocate()
    this.#indices.push(index)
    const place = this.#blocks.push(block) - 1
    this.#open.add(place)
    emit({ type: 'block-start', index, block, ...this.#numbered() })
    return place
  }

  /** The text has ended. It stays open where sources are to come: hosts that search announce them in the first chunk. */
  #leave(place: number, emit: Emit): void {
    const awaited = this.#fields.groundingMetadata !== undefined || this.#fields.citationMetadata !== undefined
    if (!(awaited && this.#blocks[place]?.type === 'text')) this.#close(place, emit)
  }

  #close(place: number, emit: Emit): void {
    if (this.#open.delete(place)) emit({ type: 'block-end', index: this.#indices[place] as number })
  }

  #numbered(): { readonly candidate?: number } {
    return this.#candidate === 0 ? {} : { candidate: this.#candidate }
  }
}
