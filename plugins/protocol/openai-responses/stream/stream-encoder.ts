import {
  type EncodeReplyOptions,
  type FinishEvent,
  isJsonObject,
  mergeUsage,
  type ReplyEvent,
  reportForeignFields,
  type StreamEncoder,
  type Usage,
  type WireError,
} from 'tokligence'
import { asksForCompaction, compactedEvents } from '../item/compaction.ts'
import { itemIds } from '../item/item-context.ts'
import { ResponseWriter } from '../reply/encode-response.ts'
import { encodeFinish, type Said } from '../reply/finish.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { BlockQueue } from './block-queue.ts'
import { EventWriter } from './event-writer.ts'
import { ItemSink } from './item-sink.ts'
import { OutputStream } from './output-stream.ts'
import { writeFailure } from './stream-error.ts'

type EventOf<Type extends ReplyEvent['type']> = Extract<ReplyEvent, { type: Type }>

const endings: Readonly<Record<string, string>> = { incomplete: 'response.incomplete', failed: 'response.failed' }

/** What is there once the reply has begun. */
interface Running {
  readonly writer: ResponseWriter
  readonly output: OutputStream
  readonly sink: ItemSink
  readonly queue: BlockQueue
}

/** Events as the vendor's stream of a response: items one after the other, and the whole response again at the end. */
export class ResponsesStreamEncoder implements StreamEncoder {
  readonly #options: EncodeReplyOptions
  readonly #events = new EventWriter()
  /** The number of the first event of the terminal part, which may never be sent. */
  #terminal: number | undefined
  readonly #said: { -readonly [part in keyof Said]: boolean } = { calls: false, refusal: false }
  /** Blocks of the alternatives that are not written. */
  readonly #passedOver = new Set<number>()
  #running: Running | undefined
  #usage: Usage | undefined
  #finish: FinishEvent | undefined
  #over = false
  #compact: ReturnType<typeof compactedEvents> | undefined

  constructor(options: EncodeReplyOptions) {
    this.#options = options
    this.#compact = asksForCompaction(options.conversation) ? compactedEvents(options.replyId, options.losses) : undefined
  }

  push(event: ReplyEvent): string {
    if (this.#over) return ''
    if (event.type === 'reply-end') this.#terminal = this.#events.next
    return this.#compact ? this.#compact(event).reduce((bytes, each) => bytes + this.#write(each), '') : this.#write(event)
  }

  #write(event: ReplyEvent): string {
    switch (event.type) {
      case 'reply-start':
        return this.#running ? '' : this.#start(event)
      case 'block-start':
        return this.#opening() + this.#blockStart(event)
      case 'block-delta':
      case 'block-end':
        return this.#passedOver.has(event.index) ? '' : this.#opening() + this.#begun().queue.push(event)
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return ''
      case 'finish':
        if (!event.candidate) this.#finish = event
        return ''
      case 'foreign':
        return this.#foreign(event)
      case 'reply-end':
        return this.#opening() + this.#end(event)
      case 'error':
        return this.fail(event.error)
    }
  }

  /** The error of this stream, after which nothing follows. */
  fail(error: WireError): string {
    this.#over = true
    const writer = this.#running?.writer ?? new ResponseWriter({}, this.#options)
    return writeFailure(new EventWriter(this.#terminal ?? this.#events.next), error, writer.failed(error))
  }

  #start(event: EventOf<'reply-start'>): string {
    const { losses, conversation, replyId } = this.#options
    const writer = new ResponseWriter(event, this.#options)
    // The vendor has compacted by itself.
    if (writer.native) this.#compact = undefined
    const output = new OutputStream(this.#events)
    const sink = new ItemSink(output, { use: 'reply', native: writer.native, conversation, losses, newId: itemIds(replyId) })
    this.#running = { writer, output, sink, queue: new BlockQueue(sink) }
    const response = writer.running()
    return this.#events.write('response.created', { response }) + this.#events.write('response.in_progress', { response })
  }

  #opening(): string {
    return this.#running ? '' : this.#start({ type: 'reply-start' })
  }

  #begun(): Running {
    return this.#running as Running
  }

  #blockStart(event: EventOf<'block-start'>): string {
    const { block, candidate, index } = event
    if (candidate) {
      this.#passedOver.add(index)
      this.#options.losses.dropped('candidates', 'candidates', 'semantic', 'Only the first alternative is written.')
      return ''
    }
    if (block.type === 'tool-call' && block.executedBy === 'client') this.#said.calls = true
    if (block.type === 'refusal') this.#said.refusal = true
    return this.#begun().queue.push(event)
  }

  #foreign({ protocol, kind, value }: EventOf<'foreign'>): string {
    if (protocol !== protocolId) {
      this.#options.losses.dropped(kind, kind.replaceAll(/[._]/g, '-'), 'semantic')
      return ''
    }
    // What belongs to an item has lost its place: items are numbered anew.
    if (!isJsonObject(value) || value.item_id !== undefined || value.output_index !== undefined) return ''
    const { type: _, sequence_number: __, ...fields } = value
    return this.#opening() + this.#events.write(kind, fields)
  }

  #end(event: EventOf<'reply-end'>): string {
    const { losses } = this.#options
    const { writer, output, sink, queue } = this.#begun()
    let bytes = queue.flush()
    const finish = this.#finish ?? { type: 'finish', finish: { reason: 'other' } }
    reportForeignFields(finish, '', losses, protocolId)
    if (event.ext || event.serviceTier !== undefined) writer.amend(event)
    const { native } = writer
    if (!native) this.#lateLogprobs(finish, sink)
    const ending = native ? undefined : encodeFinish(finish.finish, this.#said, losses)
    bytes += sink.finish(ending === undefined || ending.status === 'completed' ? undefined : 'incomplete')
    const response = writer.ended(output.done, this.#usage, ending)
    this.#over = true
    return bytes + this.#events.write(endings[String(response.status)] ?? 'response.completed', { response })
  }

  #lateLogprobs({ logprobs, tokens }: FinishEvent, sink: ItemSink): void {
    if (tokens ? sink.addTokens(tokens) : logprobs === undefined || logprobs === null) return
    this.#options.losses.dropped('logprobs', 'logprobs', 'semantic')
  }
}
