import { type EncodeReplyOptions, type Finish, formatEvent, mergeUsage, type ReplyEvent, type StreamEncoder, type Usage } from 'tokligence'
import { replyHead } from '../reply/encode-reply.ts'
import { encodeStop } from '../reply/stop-reason.ts'
import { encodeUsage } from '../reply/usage.ts'
import { isOwn, ownFields, protocolId, reportForeignFields } from '../wire/extensions.ts'
import { asObject } from '../wire/shape.ts'
import { encodeStreamError } from '../wire/wire-error.ts'
import { BlockQueue } from './block-queue.ts'
import { OncePerReply } from './once-per-reply.ts'
import { streamEvent } from './stream-event.ts'

type Start = Extract<ReplyEvent, { type: 'reply-start' }>
type End = Extract<ReplyEvent, { type: 'finish' }>

export class MessageStreamEncoder implements StreamEncoder {
  readonly #options: EncodeReplyOptions
  #start: Start = { type: 'reply-start' }
  #queue: BlockQueue | undefined
  #usage: Usage | undefined
  #finish: End | undefined
  #ended = false

  constructor(options: EncodeReplyOptions) {
    this.#options = { ...options, losses: new OncePerReply(options.losses) }
  }

  push(event: ReplyEvent): string {
    if (this.#ended) return ''
    switch (event.type) {
      case 'reply-start':
        this.#start = event
        // The caller's head and keep-alives wait for the first bytes. Only this protocol's own reply has usage right behind, which its first event shows.
        return isOwn(event.ext) ? '' : this.#opening()
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return ''
      case 'block-start':
      case 'block-delta':
      case 'block-end':
        return this.#opening() + this.#blocks().push(event)
      case 'finish':
        return this.#noteFinish(event)
      case 'foreign':
        if (event.protocol === protocolId) return this.#opening() + formatEvent(JSON.stringify(event.value), event.kind)
        this.#options.losses.dropped(event.kind, 'stream-event', 'hint')
        return ''
      case 'reply-end':
        return this.#close()
      case 'error':
        this.#ended = true
        return encodeStreamError(event.error)
    }
  }

  /** `message_start`, once. */
  #opening(): string {
    if (this.#queue) return ''
    const own = isOwn(this.#start.ext)
    this.#queue = new BlockQueue(this.#options.losses, own)
    const { usage, ...head } = replyHead(this.#start, this.#options)
    const figures = encodeUsage(this.#usage, { input: this.#options.estimatedInput, rest: asObject(usage) ?? {}, own: own && this.#usage !== undefined })
    return streamEvent('message_start', { message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: figures } })
  }

  #blocks(): BlockQueue {
    return this.#queue as BlockQueue
  }

  #noteFinish(event: End): string {
    const { losses } = this.#options
    if (event.candidate) return ''
    this.#finish = event
    reportForeignFields(event.ext, '', losses)
    if (event.logprobs !== undefined || event.tokens !== undefined) losses.dropped('logprobs', 'logprobs', 'semantic')
    return ''
  }

  #close(): string {
    this.#ended = true
    const { losses, estimatedInput } = this.#options
    const own = isOwn(this.#start.ext)
    const opening = this.#opening()
    const blocks = this.#blocks()
    const finish: Finish = this.#finish?.finish ?? { reason: 'other' }
    const { usage: endUsage, ...end } = ownFields(this.#finish?.ext)
    if (!this.#usage) losses.invented('usage', 'usage', 'hint', 'The provider reported none; the input is estimated.')
    const rest = blocks.flush()
    const delta = { stop_reason: encodeStop(finish, blocks.content, own, losses), stop_sequence: finish.stopSequence ?? null, ...end }
    const usage = encodeUsage(this.#usage, { input: estimatedInput, rest: asObject(endUsage) ?? {}, own: own && this.#usage !== undefined })
    return opening + rest + streamEvent('message_delta', { delta, usage }) + streamEvent('message_stop', {})
  }
}
