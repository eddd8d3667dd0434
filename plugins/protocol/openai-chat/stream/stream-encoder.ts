import {
  type EncodeReplyOptions,
  isJsonObject,
  type JsonObject,
  mergeUsage,
  type ReplyEvent,
  reportForeignFields,
  type StreamEncoder,
  type Usage,
} from 'tokligence'
import { encodeStreamError } from '../failure/encode-error.ts'
import { expectsLegacyCall } from '../message/tool-call.ts'
import { describeReply } from '../reply/reply-description.ts'
import { encodeUsage } from '../reply/usage.ts'
import { isNative, protocolId, recall } from '../wire/wire-memo.ts'
import { ChoiceEncoder } from './choice-encoder.ts'
import { ChunkWriter } from './chunk-writer.ts'

type EventOf<Type extends ReplyEvent['type']> = Extract<ReplyEvent, { type: Type }>

/** Events as chunks. The finish of every choice, the usage and `[DONE]` all come out of `reply-end`, so that they can be withheld together. */
export class ChatStreamEncoder implements StreamEncoder {
  readonly #options: EncodeReplyOptions
  readonly #choices = new Map<number, ChoiceEncoder>()
  readonly #owners = new Map<number, ChoiceEncoder>()
  readonly #reported = new Set<string>()
  #writer: ChunkWriter | undefined
  #native = false
  #usage: Usage | undefined
  #over = false

  constructor(options: EncodeReplyOptions) {
    this.#options = options
  }

  push(event: ReplyEvent): string {
    if (this.#over) return ''
    switch (event.type) {
      case 'reply-start':
        return this.#start(event)
      case 'block-start':
        return this.#blockStart(event)
      case 'block-delta':
        return this.#owners.get(event.index)?.delta(event.index, event.delta) ?? ''
      case 'block-end':
        return this.#owners.get(event.index)?.blockEnd(event.index) ?? ''
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return ''
      case 'finish':
        this.#choice(event.candidate ?? 0).setFinish(event)
        return ''
      case 'foreign':
        return this.#foreign(event)
      case 'reply-end':
        return this.#end()
      case 'error':
        this.#over = true
        return encodeStreamError(event.error)
    }
  }

  /** The caller learns at once that the reply has begun. */
  #start(event: EventOf<'reply-start'>): string {
    if (this.#writer) return ''
    this.#native = isNative(event)
    reportForeignFields(event, '', this.#options.losses, protocolId)
    const said = Object.entries(recall(event).fields).filter(([field, value]) => value !== null && field !== 'usage')
    this.#writeAs({ ...Object.fromEntries(said), ...describeReply(event, this.#native, this.#options), ...this.#identity(event) })
    return this.#choice(0).begin()
  }

  /** Every chunk must carry these, also where a host left them out. */
  #identity(event: EventOf<'reply-start'>): JsonObject {
    if (!this.#native) return {}
    return {
      ...(event.id === undefined && { id: `chatcmpl-${this.#options.replyId}` }),
      ...(event.created === undefined && { created: Math.floor(Date.now() / 1_000) }),
      ...(event.model === undefined && { model: this.#options.conversation.model }),
    }
  }

  #blockStart(event: EventOf<'block-start'>): string {
    const choice = this.#choice(event.candidate ?? 0)
    this.#owners.set(event.index, choice)
    return choice.begin() + choice.blockStart(event.index, event.block)
  }

  #foreign({ protocol, kind, value }: EventOf<'foreign'>): string {
    if (protocol === protocolId && isJsonObject(value)) {
      if (kind === 'chunk') this.#writer = this.#chunks().extended(value)
      else if (isJsonObject(value.delta)) return this.#choice(Number(value.choice)).passOn(value.delta)
      return ''
    }
    if (!this.#reported.has(kind)) this.#options.losses.dropped(kind, kind.replaceAll(/[._]/g, '-'), 'semantic')
    this.#reported.add(kind)
    return ''
  }

  #end(): string {
    this.#over = true
    const choices = this.#choices.size === 0 ? [this.#choice(0)] : [...this.#choices.values()]
    let bytes = ''
    for (const choice of choices) bytes += choice.begin() + choice.end()
    const usage = this.#usage && this.#options.conversation.includeUsage ? encodeUsage(this.#usage, this.#options) : undefined
    return bytes + (usage ? this.#chunks().usage(usage) : '') + this.#chunks().done()
  }

  #choice(candidate: number): ChoiceEncoder {
    let choice = this.#choices.get(candidate)
    if (!choice) {
      choice = new ChoiceEncoder(candidate, {
        native: this.#native,
        legacyCalls: !this.#native && expectsLegacyCall(this.#options.conversation),
        losses: this.#options.losses,
        chunks: () => this.#chunks(),
      })
      this.#choices.set(candidate, choice)
    }
    return choice
  }

  #chunks(): ChunkWriter {
    return this.#writer ?? this.#writeAs(describeReply({}, false, this.#options))
  }

  #writeAs(description: JsonObject): ChunkWriter {
    this.#writer = new ChunkWriter(description, this.#options.conversation.includeUsage === true)
    return this.#writer
  }
}
