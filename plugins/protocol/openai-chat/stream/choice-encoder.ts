import { type Block, type Delta, type FinishEvent, type JsonObject, type LossSink, reportForeignFields } from 'tokligence'
import { isPart, thinkingPart } from '../message/encode-part.ts'
import { callInput, encodeToolCall, isLegacy } from '../message/tool-call.ts'
import { encodeFinish } from '../reply/finish-reason.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import type { ChunkWriter } from './chunk-writer.ts'

/** How the text of an open block is written; undefined when the block has no place in a stream of this protocol. */
interface OpenBlock {
  readonly block: Block
  readonly text: ((text: string) => JsonObject) | undefined
  /** True once arguments were written. */
  filled: boolean
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
        return recall(block).memo.call === true
          ? this.#write({ tool_calls: [{ ...(block.value as JsonObject), index: this.#calls++ }] })
          : this.#write({ content: [block.value] })
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
        open.filled = true
        return this.#write(open.text(delta.text))
      case 'sealed':
        return open.text ? this.#loseOnce(index, 'thinking-signature', 'hint') : ''
      case 'annotation':
        return delta.annotation.protocol === protocolId ? this.#write({ annotations: [delta.annotation.value] }) : this.#loseOnce(index, 'citations')
      case 'logprobs':
        return delta.protocol === protocolId ? this.#chunks().delta(this.#index, {}, delta.value) : this.#loseOnce(index, 'logprobs')
      case 'foreign':
        return delta.protocol === protocolId ? this.passOn(delta.value as JsonObject) : this.#loseOnce(index, `${open.block.type}-delta`)
    }
  }

  /** Callers parse the arguments as JSON, and some protocols stream nothing for a tool without parameters. */
  blockEnd(index: number): string {
    const open = this.#open.get(index)
    if (open?.block.type !== 'tool-call' || open.filled || !open.text) return ''
    const input = callInput(open.block, this.#native)
    return input === '' ? '' : this.#write(open.text(input))
  }

  /** Members of a delta that only this protocol has. */
  passOn(delta: JsonObject): string {
    return this.begin() + this.#write(delta)
  }

  setFinish(event: FinishEvent): void {
    this.#finish = event
  }

  end(): string {
    const { finish, logprobs } = this.#finish ?? { finish: { reason: 'other' } as const }
    const path = this.#index === 0 ? '' : `candidates[${this.#index}].`
    if (this.#finish) reportForeignFields(this.#finish, path.slice(0, -1), this.#losses, protocolId)
    const said = { calls: this.#calls > 0, refusal: this.#refused, legacy: this.#legacyCalls }
    const reason = this.#native && finish.raw !== undefined ? finish.raw : encodeFinish(finish, said, path, this.#losses)
    const rest = this.#finish ? recall(this.#finish).fields : {}
    const late = logprobs === undefined || logprobs === null ? '' : this.#lateLogprobs(logprobs as JsonObject, path)
    return late + this.#chunks().finish(this.#index, reason, withoutMessage(rest))
  }

  #startText(index: number, block: Extract<Block, { type: 'text' | 'refusal' | 'reasoning' }>): string {
    if (block.type === 'refusal') this.#refused = true
    if (block.type === 'reasoning' && block.redacted && recall(block).memo.spelling === undefined && block.text === '')
      return this.#drop(index, block, 'redacted-thinking', 'hint')
    const text = textField(block)
    this.#open.set(index, { block, text, filled: false })
    let bytes = block.text === '' ? '' : this.#write(text(block.text))
    if (block.type === 'reasoning' && block.sealed) bytes += this.#loseOnce(index, 'thinking-signature', 'hint')
    if (block.type === 'text') for (const annotation of block.annotations ?? []) bytes += this.delta(index, { type: 'annotation', annotation })
    return bytes
  }

  /** Id, type and name come with the first delta, the arguments behind it. */
  #startCall(index: number, block: Extract<Block, { type: 'tool-call' }>): string {
    if (this.#legacyCalls && this.#calls > 0) return this.#drop(index, block, 'parallel-tool-call')
    if (block.namespace !== undefined) this.#losses.dropped(`${this.#path(index)}.namespace`, 'tool-namespace', 'semantic')
    const legacy = this.#legacyCalls || isLegacy(block)
    const kind = block.form === 'json' ? 'function' : 'custom'
    const inputField = kind === 'function' ? 'arguments' : 'input'
    const number = legacy ? 0 : this.#calls
    this.#calls++
    const text = (piece: string): JsonObject =>
      legacy ? { function_call: { arguments: piece } } : { tool_calls: [{ index: number, [kind]: { [inputField]: piece } }] }
    this.#open.set(index, { block, text, filled: block.argumentsText !== '' })
    const head = legacy
      ? { function_call: { name: block.name, arguments: '' } }
      : { tool_calls: [{ index: number, ...encodeToolCall({ ...block, argumentsText: '' }, true) }] }
    const seal = block.sealed ? this.#loseOnce(index, 'thinking-signature', 'hint') : ''
    return this.#write(head) + (block.argumentsText === '' ? '' : this.#write(text(block.argumentsText))) + seal
  }

  #drop(index: number, block: Block, feature: string, severity: 'semantic' | 'hint' = 'semantic'): string {
    this.#open.set(index, { block, text: undefined, filled: false })
    this.#losses.dropped(this.#path(index), feature, severity)
    return ''
  }

  #loseOnce(index: number, feature: string, severity: 'semantic' | 'hint' = 'semantic'): string {
    const path = this.#path(index)
    if (!this.#reported.has(`${path} ${feature}`)) this.#losses.dropped(path, feature, severity)
    this.#reported.add(`${path} ${feature}`)
    return ''
  }

  #lateLogprobs(logprobs: JsonObject, path: string): string {
    if (this.#native) return this.#chunks().delta(this.#index, {}, logprobs)
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

/** What stood in a whole message has no place in the last chunk. */
function withoutMessage(fields: JsonObject): JsonObject {
  const { message: _, ...rest } = fields
  return rest
}
