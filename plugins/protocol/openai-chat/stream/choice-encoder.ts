import {
  type Annotation,
  type Block,
  type Delta,
  type FinishEvent,
  type JsonObject,
  type LossSink,
  reportForeignFields,
  type Sealed,
  type TokenLogprob,
} from 'tokligence'
import { isPart, thinkingPart } from '../message/encode-part.ts'
import { detailsOf } from '../message/reasoning-fields.ts'
import { isOwnSeal, placeBehind, sealEntry } from '../message/seal-entry.ts'
import { callInput, encodeLegacyCall, encodeToolCall, isLegacy, signatureField } from '../message/tool-call.ts'
import { encodeAnnotation } from '../message/url-citation.ts'
import { encodeFinish } from '../reply/finish-reason.ts'
import { encodeTokens } from '../reply/token-logprobs.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import type { ChunkWriter } from './chunk-writer.ts'

/** How the text of an open block is written; undefined when the block has no place in a stream of this protocol. */
interface OpenBlock {
  readonly block: Block
  readonly text: ((text: string) => JsonObject) | undefined
  /** How further members of a call are written. */
  readonly members?: ((members: JsonObject) => JsonObject) | undefined
  /** True once arguments were written. */
  filled: boolean
  /** True once it has an opaque value. */
  sealed: boolean
  /** Where its text begins in the whole content, and how long it is so far. */
  readonly start: number
  length: number
  /** Citations of another protocol, which hold for the text as it is in the end. */
  readonly cited: Annotation[]
}

export interface ChoiceSettings {
  readonly native: boolean
  /** The caller knows calls by `function_call`, of which there is one to a choice. */
  readonly legacyCalls: boolean
  readonly losses: LossSink
  readonly chunks: () => ChunkWriter
}

/** One choice of a stream. */
export class ChoiceEncoder {
  readonly #index: number
  readonly #native: boolean
  readonly #legacyCalls: boolean
  readonly #losses: LossSink
  readonly #chunks: () => ChunkWriter
  readonly #open = new Map<number, OpenBlock>()
  readonly #reported = new Set<string>()
  #begun = false
  #calls = 0
  /** The id of the last call. */
  #lastCall: unknown
  #textLength = 0
  #seals = 0
  #refused = false
  #finish: FinishEvent | undefined

  constructor(index: number, { native, legacyCalls, losses, chunks }: ChoiceSettings) {
    this.#index = index
    this.#native = native
    this.#legacyCalls = legacyCalls
    this.#losses = losses
    this.#chunks = chunks
  }

  /** The first delta names the role. */
  begin(): string {
    if (this.#begun) return ''
    this.#begun = true
    return this.#write({ role: 'assistant', content: '' })
  }

  blockStart(index: number, block: Block): string {
    const path = this.#path(index)
    if (block.type !== 'foreign') reportForeignFields(block, path, this.#losses, protocolId)
    switch (block.type) {
      case 'tool-call':
        return block.executedBy === 'client' ? this.#startCall(index, block) : this.#drop(index, block, 'hosted-tool-call')
      case 'text':
      case 'refusal':
      case 'reasoning':
        return this.#startText(index, block)
      case 'foreign':
        if (block.protocol !== protocolId) return this.#drop(index, block, block.kind.replaceAll('_', '-'))
        if (recall(block).memo.call !== true) return this.#write({ content: [block.value] })
        this.#lastCall = (block.value as JsonObject).id
        return this.#write({ tool_calls: [{ ...(block.value as JsonObject), index: this.#calls++ }] })
      case 'media':
        return this.#drop(index, block, block.kind)
      case 'tool-result':
        return this.#drop(index, block, 'hosted-tool-result')
    }
  }

  delta(index: number, delta: Delta): string {
    const open = this.#open.get(index)
    if (!open) return ''
    switch (delta.type) {
      case 'text':
        if (!open.text || delta.text === '') return ''
        return this.#writeText(open, delta.text)
      case 'sealed':
        open.sealed = true
        // The seal of a call that is left out would be taken for that of the one that is there.
        if (this.#legacyCalls && open.block.type === 'tool-call' && !open.members) return ''
        return this.#writeSeal(open.block, delta.sealed, open.members)
      case 'annotation':
        if (delta.annotation.protocol === protocolId) return this.#write({ annotations: [delta.annotation.value] })
        open.cited.push(delta.annotation)
        return ''
      case 'logprobs':
        if (delta.protocol === protocolId) return this.#chunks().delta(this.#index, {}, delta.value)
        return delta.tokens ? this.#chunks().delta(this.#index, {}, encodeTokens(delta.tokens)) : this.#loseOnce(index, 'logprobs')
      case 'foreign':
        if (delta.protocol !== protocolId) return this.#loseOnce(index, `${open.block.type}-delta`)
        return this.passOn(open.members ? open.members(delta.value as JsonObject) : (delta.value as JsonObject))
    }
  }

  blockEnd(index: number): string {
    const open = this.#open.get(index)
    this.#open.delete(index)
    if (!open) return ''
    // The opaque value of hidden thoughts comes at their end.
    if (isHidden(open)) this.#losses.dropped(this.#path(index), 'redacted-thinking', 'hint')
    return this.#emptyInput(open) + this.#writeCitations(index, open)
  }

  /** Callers parse the arguments as JSON, and some protocols stream nothing for a tool without parameters. */
  #emptyInput({ block, filled, text }: OpenBlock): string {
    if (block.type !== 'tool-call' || filled || !text) return ''
    const input = callInput(block, this.#native)
    return input === '' ? '' : this.#write(text(input))
  }

  #writeCitations(index: number, { cited, start, length }: OpenBlock): string {
    if (cited.length === 0) return ''
    const said = cited.map((annotation) => encodeAnnotation(annotation, { start, length }))
    const annotations = said.filter((annotation) => annotation !== undefined)
    const loss = annotations.length === said.length ? '' : this.#loseOnce(index, 'citations')
    return loss + (annotations.length === 0 ? '' : this.#write({ annotations }))
  }

  #writeText(open: OpenBlock, text: string): string {
    open.filled = true
    open.length += text.length
    if (open.block.type === 'text') this.#textLength += text.length
    return open.text ? this.#write(open.text(text)) : ''
  }

  /** A host's own goes back into the field that it came from, another protocol's stands beside the thoughts. */
  #writeSeal(block: Block, sealed: Sealed, members?: OpenBlock['members']): string {
    if (!isOwnSeal(sealed)) {
      const after = block.type === 'reasoning' ? placeBehind(this.#lastCall, this.#textLength) : undefined
      return this.#write({ reasoning_details: [sealEntry(sealed, block.type === 'tool-call' ? block.id : null, this.#seals++, after)] })
    }
    if (members) return this.#write(members(signatureField({ sealed })))
    const details = block.type === 'reasoning' ? detailsOf({ ...block, sealed }) : undefined
    return details ? this.#write({ reasoning_details: details }) : ''
  }

  /** Members of a delta that only this protocol has. */
  passOn(delta: JsonObject): string {
    return this.begin() + this.#write(delta)
  }

  setFinish(event: FinishEvent): void {
    this.#finish = event
  }

  end(): string {
    const { finish, logprobs, tokens }: Partial<FinishEvent> & Pick<FinishEvent, 'finish'> = this.#finish ?? { finish: { reason: 'other' } }
    const path = this.#index === 0 ? '' : `candidates[${this.#index}].`
    if (this.#finish) reportForeignFields(this.#finish, path.slice(0, -1), this.#losses, protocolId)
    const said = { calls: this.#calls > 0, refusal: this.#refused, legacy: this.#legacyCalls }
    const reason = this.#native && finish.raw !== undefined ? finish.raw : encodeFinish(finish, said, path, this.#losses)
    const rest = this.#finish ? recall(this.#finish).fields : {}
    const late = tokens || (logprobs !== undefined && logprobs !== null) ? this.#lateLogprobs(logprobs as JsonObject, tokens, path) : ''
    const unclosed = [...this.#open.keys()].map((open) => this.blockEnd(open)).join('')
    return unclosed + late + this.#chunks().finish(this.#index, reason, withoutMessage(rest))
  }

  #startText(index: number, block: Extract<Block, { type: 'text' | 'refusal' | 'reasoning' }>): string {
    if (block.type === 'refusal') this.#refused = true
    const open = this.#keepOpen(index, block, textField(block))
    let bytes = block.text === '' ? '' : this.#writeText(open, block.text)
    if (block.type !== 'refusal' && block.sealed) bytes += this.#writeSeal(block, block.sealed)
    if (block.type === 'text') for (const annotation of block.annotations ?? []) bytes += this.delta(index, { type: 'annotation', annotation })
    return bytes
  }

  #keepOpen(index: number, block: Block, text: OpenBlock['text'], members?: OpenBlock['members']): OpenBlock {
    const open: OpenBlock = {
      block,
      text,
      members,
      filled: false,
      sealed: 'sealed' in block && block.sealed !== undefined,
      start: this.#textLength,
      length: 0,
      cited: [],
    }
    this.#open.set(index, open)
    return open
  }

  /** Id, type and name come with the first delta, the arguments behind it. */
  #startCall(index: number, block: Extract<Block, { type: 'tool-call' }>): string {
    if (this.#legacyCalls && this.#calls > 0) return this.#drop(index, block, 'parallel-tool-call')
    if (block.namespace !== undefined) this.#losses.dropped(`${this.#path(index)}.namespace`, 'tool-namespace', 'semantic')
    const legacy = this.#legacyCalls || isLegacy(block)
    const wrapper = legacy ? 'function_call' : block.form === 'json' ? 'function' : 'custom'
    const inputField = wrapper === 'custom' ? 'input' : 'arguments'
    const number = legacy ? 0 : this.#calls
    this.#calls++
    if (!legacy) this.#lastCall = block.id
    const members = (fields: JsonObject): JsonObject => (legacy ? fields : { tool_calls: [{ index: number, ...fields }] })
    const text = (piece: string): JsonObject => members({ [wrapper]: { [inputField]: piece } })
    this.#keepOpen(index, block, text, members).filled = block.argumentsText !== ''
    const bare = { ...block, argumentsText: '' }
    const head = members(legacy ? { function_call: encodeLegacyCall(bare) } : encodeToolCall(bare, true))
    const seal = block.sealed && !isOwnSeal(block.sealed) ? this.#writeSeal(block, block.sealed) : ''
    return this.#write(head) + (block.argumentsText === '' ? '' : this.#write(text(block.argumentsText))) + seal
  }

  #drop(index: number, block: Block, feature: string, severity: 'semantic' | 'hint' = 'semantic'): string {
    this.#keepOpen(index, block, undefined)
    this.#losses.dropped(this.#path(index), feature, severity)
    return ''
  }

  #loseOnce(index: number, feature: string, severity: 'semantic' | 'hint' = 'semantic'): string {
    const path = this.#path(index)
    if (!this.#reported.has(`${path} ${feature}`)) this.#losses.dropped(path, feature, severity)
    this.#reported.add(`${path} ${feature}`)
    return ''
  }

  #lateLogprobs(logprobs: JsonObject, tokens: readonly TokenLogprob[] | undefined, path: string): string {
    if (this.#native) return this.#chunks().delta(this.#index, {}, logprobs)
    if (tokens) return this.#chunks().delta(this.#index, {}, encodeTokens(tokens))
    this.#losses.dropped(`${path}logprobs`, 'logprobs', 'semantic')
    return ''
  }

  #write(delta: JsonObject): string {
    return this.#chunks().delta(this.#index, delta)
  }

  #path(index: number): string {
    return `content[${index}]`
  }
}

function textField(block: Extract<Block, { type: 'text' | 'refusal' | 'reasoning' }>): (text: string) => JsonObject {
  if (block.type === 'text') return (content) => ({ content })
  if (block.type === 'refusal') return (refusal) => ({ refusal })
  const { memo } = recall(block)
  if (isPart(block)) return (text) => ({ content: [thinkingPart({ ...block, text })] })
  if (memo.spelling === 'reasoning') return (reasoning) => ({ reasoning })
  return (text) => ({ reasoning_content: text })
}

/** True for thoughts of which nothing was written. */
function isHidden({ block, sealed, length }: OpenBlock): boolean {
  return block.type === 'reasoning' && block.redacted === true && !sealed && length === 0 && recall(block).memo.spelling === undefined
}

/** What stood in a whole message has no place in the last chunk. */
function withoutMessage(fields: JsonObject): JsonObject {
  const { message: _, ...rest } = fields
  return rest
}
