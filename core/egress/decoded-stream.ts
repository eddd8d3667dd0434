import { ReplyAccumulator } from '../conversation/accumulate.ts'
import type { Reply } from '../conversation/index.ts'
import { HeldStart } from '../upstream/held-start.ts'
import { streamHeaders, translatedHeaders } from './answer-headers.ts'
import type { Exchanged } from './deliver.ts'
import type { Delivery } from './delivery.ts'
import { Observed, readEvents } from './read-events.ts'
import { replyOptions } from './reply-options.ts'
import { streamDelivery } from './stream-delivery.ts'
import { transformChain } from './transform-chain.ts'
import { onTranslatedReply } from './translation-hooks.ts'

/** A stream in another protocol, or one that hooks look into: decoded, transformed, encoded for the caller. */
export async function decodedStream(exchanged: Exchanged): Promise<Delivery> {
  const { generation, request, prepared, answer, client } = exchanged
  const encoder = prepared.session?.createStreamEncoder(replyOptions(request, prepared))
  const observed = new Observed()
  const whole = generation.hooks.used.onTranslatedReply ? new ReplyAccumulator() : undefined
  let pending = ''
  let withheld = ''
  let lastWrite = Date.now()
  const head = (): void => {
    client.head(200, translatedHeaders(prepared, answer, streamHeaders))
  }
  const transforms = prepared.looksInside ? generation.hooks.openReply(request) : []
  const encode = transformChain(transforms, (event) => {
    if (event.type === 'error') {
      // The provider's own, seen already, or one that a plugin ends the reply with.
      observed.error ??= event.error
      return
    }
    whole?.push(event)
    const bytes = encoder?.push(event) ?? ''
    if (event.type === 'reply-end') withheld += bytes
    else pending += bytes
  })
  const start = new HeldStart(prepared, () => flush())
  const flush = (): boolean => {
    if (pending === '' || start.keeps(() => observed)) return true
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
  const interval = generation.config.pingInterval
  const ping = (): void => {
    if (!observed.begun || pending !== '' || Date.now() - lastWrite < interval) return
    head()
    client.write(encoder?.ping?.() ?? prepared.protocol.ping)
  }
  const timer = interval > 0 ? setInterval(ping, interval) : undefined
  const error = await readEvents(exchanged, observed, encode, flush).finally(() => clearInterval(timer))
  start.close()
  if (error && !observed.error) encode({ type: 'error', error: error.toWire() })
  if (error && client.headSent) flush()
  if (whole && !error) await onTranslatedReply(exchanged, whole.reply())
  const { usage, finish, replyId } = observed
  return streamDelivery(exchanged, {
    error,
    told: false,
    usage,
    finish,
    replyId,
    estimatedOutput: observed.estimatedOutput,
    head,
    withheld: () => pending + withheld,
    writer: encoder,
  })
}

/** The provider streamed although the caller wants one whole reply: the events are gathered. */
export async function gatherStream(exchanged: Exchanged): Promise<Reply> {
  const accumulator = new ReplyAccumulator()
  const error = await readEvents(
    exchanged,
    new Observed(),
    (event) => accumulator.push(event),
    () => true,
  )
  if (error) throw error
  return accumulator.reply()
}
