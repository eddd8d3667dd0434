import type { Usage } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import { translatedHeaders } from './answer-headers.ts'
import { countedByProvider } from './count-tokens.ts'
import type { Exchanged } from './deliver.ts'
import type { Delivery } from './delivery.ts'
import { parseReply } from './unary.ts'

/** A provider's count of tokens, told in the caller's protocol. Throws GatewayError `TKL_UPSTREAM_MALFORMED` when there is none in its answer. */
export function translatedCount({ prepared, answer, client }: Exchanged, bytes: Buffer): Delivery {
  const count = prepared.upstreamProtocol.tokenCount?.read(parseReply(bytes))
  const written = count === undefined ? undefined : prepared.protocol.tokenCount?.write(count)
  if (written === undefined) throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s answer holds no number of tokens.')
  const own = { 'content-type': 'application/json', [countedByProvider]: 'provider' }
  return {
    ending: 'complete',
    status: 200,
    path: 'translated',
    release: () => client.send(200, translatedHeaders(prepared, answer, own), JSON.stringify(written)),
  }
}

/** A provider's vectors, told in the caller's protocol. */
export function translatedEmbedding(exchanged: Exchanged, bytes: Buffer): Delivery {
  const { request, prepared, answer, client } = exchanged
  const decoded = prepared.upstreamProtocol.embeddings?.decodeReply(parseReply(bytes))
  const codec = prepared.protocol.embeddings
  if (!decoded || !codec) throw new GatewayError('TKL_INTERNAL', 'An embedding was asked for in a protocol that has none.')
  const usage: Usage = decoded.usage ?? { inputUncached: prepared.attempt.estimatedInput, source: 'estimated' }
  exchanged.usage = usage
  const body = JSON.stringify(codec.encodeReply({ ...decoded, usage }, request.embedding, prepared.losses))
  const own = { 'content-type': 'application/json' }
  return { ending: 'complete', status: 200, path: 'translated', usage, release: () => client.send(200, translatedHeaders(prepared, answer, own), body) }
}
