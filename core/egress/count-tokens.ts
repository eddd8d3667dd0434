import type { ClientReply } from '../client-reply.ts'
import { countedTexts, estimateInputTokens } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'
import type { Delivery } from './delivery.ts'

/** The header that says who counted: `provider`, `tokenizer` or `estimated`. */
export const countedBy = 'x-tokligence-token-count'

/**
 * Callers stop working when token counting fails, so a figure of our own stands in for a provider that has none: a tokenizer's where a plugin has one,
 * else an estimate from the length of the texts.
 */
export async function countLocally(generation: Generation, request: GatewayRequest, client: ClientReply): Promise<Delivery> {
  const protocol = request.protocolBinding
  if (!protocol?.tokenCount) throw new GatewayError('TKL_OPERATION_UNSUPPORTED', `${request.protocol} has no answer for token counts.`)
  const conversation = request.translated ?? request.conversation
  const { texts, mediaTokens } = countedTexts(conversation)
  const counted = await tokenize(generation, texts, request)
  const tokens = counted === undefined ? estimateInputTokens(conversation) : Math.max(1, counted + mediaTokens)
  const body = JSON.stringify(protocol.tokenCount.write(tokens))
  return {
    ending: 'complete',
    status: 200,
    path: 'local',
    release: () => client.send(200, { 'content-type': 'application/json', [countedBy]: counted === undefined ? 'estimated' : 'tokenizer' }, body),
  }
}

async function tokenize(generation: Generation, texts: readonly string[], request: GatewayRequest): Promise<number | undefined> {
  const source = generation.registry.all('models')[0]?.[1]
  if (!source?.countTokens) return undefined
  try {
    return await source.countTokens(texts, request.plan?.targets[0]?.model ?? request.model)
  } catch (error) {
    generation.logger.warn({ requestId: request.requestId, error }, 'the tokenizer failed; the count is an estimate')
    return undefined
  }
}

/** The statuses by which a provider says that the request itself is wrong, or that the key is: an estimate would hide these. */
export function refusesCount(error: unknown): boolean {
  return GatewayError.is(error, 'TKL_UPSTREAM_ERROR') && [400, 401, 403, 413].includes(error.status)
}
