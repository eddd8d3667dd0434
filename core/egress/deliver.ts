import type { ClientReply } from '../client-reply.ts'
import type { Usage } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'
import { collectBody, type UpstreamAnswer } from '../upstream/answer.ts'
import { decompressing } from '../upstream/decompress.ts'
import { decodedStream, gatherStream } from './decoded-stream.ts'
import type { Delivery } from './delivery.ts'
import { guardReply } from './guard-reply.ts'
import { identityStream } from './identity-stream.ts'
import type { Prepared } from './prepare.ts'
import { translatedCount, translatedEmbedding } from './translated-answer.ts'
import { decodedUnary, identityUnary, parseReply } from './unary.ts'
import { identityRefusal, readRefusal } from './vendor-error.ts'

/** What every way of reading an answer is given. */
export interface Exchanged {
  readonly generation: Generation
  readonly request: GatewayRequest
  readonly prepared: Prepared
  readonly answer: UpstreamAnswer
  readonly client: ClientReply
  /** What the reply is known to have cost, even if it is refused or fails afterwards. */
  usage: Usage | undefined
}

/**
 * Reads the answer in the way that its status, its content type and the path ask for. Not async itself: every async function in a row costs each
 * request a few hundred bytes and a turn of the microtask queue.
 */
export function deliver(exchanged: Exchanged): Promise<Delivery> {
  const { request, prepared, answer } = exchanged
  if (answer.status >= 300) return refused(exchanged)
  const streams = request.operation === 'generate' && (answer.header('content-type') ?? '').toLowerCase().startsWith('text/event-stream')
  if (streams && (request.stream || !prepared.session)) return stream(exchanged)
  if (streams) return gatherStream(exchanged).then((reply) => decodedUnary(exchanged, reply))
  const { session } = prepared
  const body = readWhole(exchanged)
  if (prepared.attempt.path === 'translated' && request.operation !== 'generate') {
    const translate = request.operation === 'count-tokens' ? translatedCount : translatedEmbedding
    return body.then((bytes) => translate(exchanged, bytes))
  }
  if (!session) return identityUnary(exchanged, body)
  return body.then((bytes) => decodedUnary(exchanged, session.decodeReply(parseReply(bytes))))
}

async function refused(exchanged: Exchanged): Promise<Delivery> {
  const { prepared, answer, client } = exchanged
  const refusal = readRefusal(prepared, answer, await readWhole(exchanged))
  if (prepared.attempt.path === 'identity' && answer.status >= 400) return identityRefusal(prepared, answer, client, refusal)
  throw refusal.error
}

async function stream(exchanged: Exchanged): Promise<Delivery> {
  const { generation, prepared, answer } = exchanged
  const guarded = generation.hooks.used.guardReply ? await guardReply(exchanged, undefined) : undefined
  if (!guarded) return prepared.session ? decodedStream(exchanged) : identityStream(exchanged)
  answer.abort(new GatewayError('TKL_REQUEST_REFUSED', 'A guard refused the reply.'))
  return guarded
}

function readWhole({ generation, answer }: Exchanged): Promise<Buffer> {
  const encoding = answer.header('content-encoding')
  const limit = generation.config.limits.replyBytes
  if (encoding === undefined || encoding === 'identity') return collectBody(answer, limit)
  return collectBody(answer, limit, (consumer) => decompressing(encoding, consumer, () => answer.resume()))
}
