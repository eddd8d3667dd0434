import { GatewayError } from '../errors.ts'
import { HeldStart } from '../upstream/held-start.ts'
import { EventFramer } from '../wire/sse.ts'
import { identityHeaders } from './answer-headers.ts'
import { consumeStream } from './consume-stream.ts'
import type { Exchanged } from './deliver.ts'
import type { Delivery } from './delivery.ts'
import { cutStream, streamDelivery } from './stream-delivery.ts'

const nothing: Buffer = Buffer.alloc(0)

/** A stream of the same protocol: its bytes go on untouched, cut at event borders, and only the terminal event waits. */
export async function identityStream(exchanged: Exchanged): Promise<Delivery> {
  const { request, prepared, answer, client } = exchanged
  const framer = new EventFramer()
  const relay = prepared.protocol.createRelay({ stripUsage: prepared.stripUsage, context: request })
  const start = new HeldStart(prepared, () => forward(nothing))
  let kept = nothing
  let halfEvent = false
  const forward = (piece: Buffer): boolean => {
    kept = kept.length === 0 ? piece : Buffer.concat([kept, piece])
    if (kept.length === 0 || start.keeps(() => relay.summary())) return true
    const ready = kept
    kept = nothing
    if (!client.headSent) client.head(answer.status, identityHeaders(prepared, answer))
    return client.write(ready)
  }
  const failure = await consumeStream(request, answer, client, {
    data(chunk) {
      const whole = framer.push(chunk)
      return whole === undefined || forward(relay.push(whole))
    },
    rest() {
      const rest = framer.rest()
      if (rest.length === 0) return
      // Some servers leave out the last blank line of a reply that is whole. Half an event is not passed on: no caller could read what follows it.
      const { complete, error } = relay.summary()
      const piece = relay.push(rest)
      halfEvent = !(error || (complete && (relay.withheld.length > 0 || endsLine(rest))))
      if (!halfEvent) forward(piece)
    },
    ended: () => start.refused || relay.withheld.length > 0,
  })
  start.close()
  const summary = relay.summary()
  const error = failure ?? (summary.error ? GatewayError.fromWire(summary.error) : summary.complete && !halfEvent ? undefined : cutStream())
  return streamDelivery(exchanged, {
    error,
    // An error that the provider sent in the stream has gone to the caller already, unless it was kept back.
    told: failure === undefined && summary.error !== undefined && !halfEvent && relay.withheld.length === 0,
    usage: summary.usage,
    finish: summary.finish,
    replyId: summary.id,
    // Providers send about one token per event; these bytes are not read more closely.
    estimatedOutput: summary.contentEvents,
    head: () => client.head(answer.status, identityHeaders(prepared, answer)),
    withheld: () => (relay.withheld.length === 1 ? relay.withheld[0] : Buffer.concat(relay.withheld)),
    writer: relay,
  })
}

function endsLine(bytes: Buffer): boolean {
  const last = bytes.at(-1)
  return last === 0x0a || last === 0x0d
}
