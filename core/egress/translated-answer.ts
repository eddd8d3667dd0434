import type { Json, Usage } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import { translatedHeaders } from './answer-headers.ts'
import type { Exchanged } from './deliver.ts'
import type { Delivery } from './delivery.ts'
import { guardReply } from './guard-reply.ts'
import { parseReply } from './unary.ts'

/** A provider's count of tokens, told in the caller's protocol. Throws GatewayError `TKL_UPSTREAM_MALFORMED` when there is none in its answer. */
export async function translatedCount(exchanged: Exchanged, bytes: Buffer): Promise<Delivery> {
  const { protocol, upstreamProtocol } = exchanged.prepared
  const count = upstreamProtocol.tokenCount?.read(parseReply(bytes))
  const written = count === undefined ? undefined : protocol.tokenCount?.write(count)
  if (written === undefined) throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s answer holds no number of tokens.')
  return told(exchanged, written)
}

/** A provider's vectors, told in the caller's protocol. Throws GatewayError `TKL_UPSTREAM_MALFORMED` when they are not one for each input. */
export async function translatedEmbedding(exchanged: Exchanged, bytes: Buffer): Promise<Delivery> {
  const { request, prepared } = exchanged
  const decoded = prepared.upstreamProtocol.embeddings?.decodeReply(parseReply(bytes))
  const codec = prepared.protocol.embeddings
  if (!decoded || !codec) throw new GatewayError('TKL_INTERNAL', 'An embedding was asked for in a protocol that has none.')
  const usage: Usage = decoded.usage ?? { inputUncached: prepared.attempt.estimatedInput, source: 'estimated' }
  exchanged.usage = usage
  const { length } = request.embedding.inputs
  if (decoded.vectors.length !== length)
    throw new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider’s reply holds ${decoded.vectors.length} vectors for ${length} inputs.`)
  return { ...(await told(exchanged, codec.encodeReply({ ...decoded, usage }, request.embedding, prepared.losses))), usage }
}

async function told(exchanged: Exchanged, value: Json): Promise<Delivery> {
  const { generation, prepared, answer, client } = exchanged
  const guarded = generation.hooks.used.guardReply ? await guardReply(exchanged, undefined) : undefined
  if (guarded) return guarded
  const own = { 'content-type': 'application/json' }
  const body = JSON.stringify(value)
  return { ending: 'complete', status: 200, path: 'translated', release: () => client.send(200, translatedHeaders(prepared, answer, own), body) }
}
