import { estimateTextTokens, mergeUsage, type ReplyEvent, type Usage, type WireError } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import { EventFramer, parseEvents, type ServerSentEvent } from '../wire/sse.ts'
import { consumeStream } from './consume-stream.ts'
import type { Exchanged } from './deliver.ts'
import { cutStream } from './stream-delivery.ts'

/** What a run of events said, beside its content. */
export class Observed {
  usage: Usage | undefined
  finish: string | undefined
  replyId: string | undefined
  error: WireError | undefined
  contentEvents = 0
  /** The provider has said something of the reply. */
  begun = false
  complete = false
  #characters = 0

  see(event: ReplyEvent): void {
    this.begun ||= event.type !== 'error'
    if (event.type === 'block-delta' || (event.type === 'block-start' && !('text' in event.block && event.block.text === ''))) this.contentEvents++
    if (event.type === 'block-delta' && event.delta.type === 'text') this.#characters += event.delta.text.length
    if (event.type === 'usage') this.usage = mergeUsage(this.usage, event.usage)
    else if (event.type === 'finish') this.finish ??= event.finish.raw ?? event.finish.reason
    else if (event.type === 'reply-start') this.replyId = event.id
    else if (event.type === 'error') this.error = event.error
    else if (event.type === 'reply-end') this.complete = true
  }

  /** Tokens of what came, should the provider not tell; a call without arguments is one, too. */
  get estimatedOutput(): number {
    return Math.max(estimateTextTokens(this.#characters), Math.min(1, this.contentEvents))
  }

  get ended(): boolean {
    return this.complete || this.error !== undefined
  }
}

/** Reads the provider's stream as events into `sink`; `flush` follows each piece. Resolves with what broke it off, or undefined. */
export async function readEvents(
  { request, prepared, answer, client }: Exchanged,
  observed: Observed,
  sink: (event: ReplyEvent) => void,
  flush: () => boolean,
): Promise<GatewayError | undefined> {
  const framer = new EventFramer()
  const decoder = prepared.session?.createStreamDecoder()
  if (!decoder) throw new GatewayError('TKL_INTERNAL', 'A decoded stream has no translation session.')
  const accept = (events: readonly ReplyEvent[]): void => {
    for (const event of events) {
      if (observed.ended) return
      observed.see(event)
      sink(event)
    }
  }
  const failure = await consumeStream(request, answer, client, {
    data(chunk) {
      const whole = framer.push(chunk)
      if (whole) for (const event of parseEvents(whole.toString('utf8'))) accept(decoder.push(event))
      return flush()
    },
    rest() {
      for (const event of parseEvents(`${framer.rest().toString('utf8')}\n\n`)) if (isWhole(event)) accept(decoder.push(event))
      accept(decoder.end())
      flush()
    },
    ended: () => observed.ended,
  })
  return failure ?? (observed.error ? GatewayError.fromWire(observed.error) : observed.complete ? undefined : cutStream())
}

/** The last event of a stream may lack its blank line; one that was cut in the middle says nothing but that. */
function isWhole({ data }: ServerSentEvent): boolean {
  if (!data.startsWith('{')) return true
  try {
    JSON.parse(data)
    return true
  } catch {
    return false
  }
}
