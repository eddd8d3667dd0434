import type { ClientReply } from '../client-reply.ts'
import { ReplyAccumulator } from '../conversation/accumulate.ts'
import { mergeUsage, type Reply, type ReplyEvent, type Usage } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { GatewayRequest } from '../request.ts'
import type { UpstreamAnswer } from '../upstream/answer.ts'
import { translatedReplyHeaders } from '../upstream/headers.ts'
import { EventFramer, parseEvents } from '../wire/sse.ts'
import { consumeStream } from './consume-stream.ts'
import type { Delivery } from './delivery.ts'
import { gatewayHeaders } from './gateway-headers.ts'
import type { Prepared } from './prepare.ts'
import { replyOptions } from './reply-options.ts'
import { streamDelivery } from './stream-delivery.ts'
import { transformChain } from './transform-chain.ts'

/** What a run of events said, beside its content. */
class Observed {
  usage: Usage | undefined
  finish: string | undefined
  replyId: string | undefined
  error: GatewayError | undefined
  contentEvents = 0
  whole = false

  see(event: ReplyEvent): void {
    if (event.type === 'block-delta') this.contentEvents++
    else if (event.type === 'usage') this.usage = mergeUsage(this.usage, event.usage)
    else if (event.type === 'finish') this.finish ??= event.finish.raw ?? event.finish.reason
    else if (event.type === 'reply-start') this.replyId = event.id
    else if (event.type === 'error') this.error = GatewayError.fromWire(event.error)
    else if (event.type === 'reply-end') this.whole = true
  }

  get ended(): boolean {
    return this.whole || this.error !== undefined
  }
}

/** Reads the provider's stream as events into `sink`. Resolves with what broke it off, or undefined. */
async function readEvents(
  request: GatewayRequest,
  prepared: Prepared,
  answer: UpstreamAnswer,
  client: ClientReply,
  observed: Observed,
  sink: (event: ReplyEvent) => void,
  flush: () => boolean,
) {
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
  const decode = (bytes: Buffer): void => {
    for (const event of parseEvents(bytes.toString('utf8'))) accept(decoder.push(event))
  }
  const failure = await consumeStream(request, answer, client, {
    data(chunk) {
      const whole = framer.push(chunk)
      if (whole) decode(whole)
      return flush()
    },
    rest() {
      const rest = framer.rest()
      if (rest.length > 0) decode(Buffer.concat([rest, Buffer.from('\n\n')]))
      accept(decoder.end())
      flush()
    },
    ended: () => observed.ended,
  })
  return (
    failure ?? observed.error ?? (observed.whole ? undefined : new GatewayError('TKL_UPSTREAM_CUT', 'The provider’s stream ended before the reply was whole.'))
  )
}

/** A stream in another protocol, or one that hooks look into: decoded, transformed, encoded for the caller. */
export async function decodedStream(
  request: GatewayRequest,
  prepared: Prepared,
  answer: UpstreamAnswer,
  client: ClientReply,
  pingInterval: number,
): Promise<Delivery> {
  const encoder = prepared.session?.createStreamEncoder(replyOptions(request, prepared))
  const observed = new Observed()
  let pending = ''
  let withheld = ''
  const head = () =>
    client.head(200, {
      ...translatedReplyHeaders(answer.headers),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...gatewayHeaders(prepared),
    })
  const encode = transformChain(prepared.transforms, (event) => {
    if (event.type === 'error') return
    const bytes = encoder?.push(event) ?? ''
    if (event.type === 'reply-end') withheld += bytes
    else pending += bytes
  })
  let lastWrite = Date.now()
  const flush = (): boolean => {
    if (pending === '') return true
    // An error that comes before any content is still told by its status, in whatever pieces the two arrive.
    if (!client.headSent && observed.error && observed.contentEvents === 0) {
      pending = ''
      return true
    }
    head()
    lastWrite = Date.now()
    const bytes = pending
    pending = ''
    return client.write(bytes)
  }
  const ping =
    pingInterval > 0
      ? setInterval(() => client.headSent && Date.now() - lastWrite >= pingInterval && client.write(prepared.protocol.ping), pingInterval)
      : undefined
  const error = await readEvents(request, prepared, answer, client, observed, encode, flush)
  clearInterval(ping)
  if (error && !observed.error) encode({ type: 'error', error: error.toWire() })
  if (error && client.headSent) flush()
  return streamDelivery(request, prepared, client, {
    ...observed,
    error,
    told: false,
    head,
    withheld: () => pending + withheld,
    contentEvents: observed.contentEvents,
  })
}

/** The provider streamed although the caller wants one whole reply: the events are gathered. */
export async function gatherStream(request: GatewayRequest, prepared: Prepared, answer: UpstreamAnswer, client: ClientReply): Promise<Reply> {
  const accumulator = new ReplyAccumulator()
  const error = await readEvents(
    request,
    prepared,
    answer,
    client,
    new Observed(),
    (event) => accumulator.push(event),
    () => true,
  )
  if (error) throw error
  return accumulator.reply()
}
