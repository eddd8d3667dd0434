import type { Protocol } from '../contracts/protocol.ts'
import type { Provider, ProviderCall } from '../contracts/provider.ts'
import type { RouteTarget } from '../contracts/router.ts'
import type { TranslationSession } from '../contracts/translation.ts'
import {
  estimateBodyTokens,
  estimateInputTokens,
  estimateTextTokens,
  type JsonObject,
  type LossSink,
  mayHoldSeal,
  type SealKeeper,
} from '../conversation/index.ts'
import { type OwnConversation, openOwnSeals } from '../conversation/open-own-seals.ts'
import { sealedIdentity } from '../conversation/via-conversation.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'
import { isSameJson } from '../wire/same-json.ts'

/** What one attempt is made of. */
export interface BodyParts {
  readonly generation: Generation
  readonly request: GatewayRequest
  readonly provider: Provider
  readonly losses: LossSink
  readonly seals: SealKeeper | undefined
  /** The provider has refused an opaque value of the conversation. */
  readonly refused: boolean
}

export interface MadeBody {
  readonly body: Buffer | string
  /** Headers that the body needs. */
  readonly headers?: Readonly<Record<string, string>>
  readonly session: TranslationSession | undefined
  readonly stripUsage: boolean
  readonly estimatedInput: number
}

/**
 * The caller's own bytes, with the model's name patched; or, when a hook rewrote the conversation, it holds seals, or the provider refused it, its
 * encoding in the same protocol, if that says something else: numbers may lose digits in it.
 */
export function identityBody(parts: BodyParts, protocol: Protocol, target: RouteTarget): MadeBody {
  const { generation, request, provider, losses, seals, refused } = parts
  let { body, peek } = request
  if (!peek) throw new GatewayError('TKL_INTERNAL', 'The request was not looked at before it was routed.')
  const changed = changedConversation(parts, protocol)
  const encoded = changed && protocol.encodeRequest(changed.conversation, { losses, facts: generation.facts(target.model), seals, refused })
  if (encoded && !isSameJson(body, encoded)) {
    body = Buffer.from(JSON.stringify(encoded))
    peek = protocol.peek({ ...request.call, body })
  }
  const requestUsage = peek.stream && provider.streamUsage && request.operation === 'generate'
  const patched = protocol.patchRequest(body, peek, { model: target.model, requestUsage })
  const session = changed?.sealsReply && request.operation === 'generate' ? sealedIdentity(protocol) : undefined
  return { body: patched.body, session, stripUsage: patched.usageAdded, estimatedInput: estimateBodyTokens(body) }
}

/** What is asked, when the caller's bytes do not say it as the provider must be told. */
function changedConversation({ request, losses, seals: keeper, refused }: BodyParts, protocol: Protocol): OwnConversation | undefined {
  if (!request.rewritten && (request.operation.startsWith('embed') || !(refused || mayHoldSeal(request.body)))) return undefined
  return openOwnSeals(request.conversation, { target: protocol.id, keeper, losses, refused })
}

/** The caller's conversation in the provider's protocol. */
export function translatedBody({ generation, request, provider, losses, seals, refused }: BodyParts, call: ProviderCall): MadeBody {
  const translation = generation.translation(request.protocol, call.protocol)
  if (!translation) throw new GatewayError('TKL_TRANSLATION_MISSING', `There is no translation from ${request.protocol} to ${call.protocol}.`)
  const session = translation.open()
  const conversation = { ...(request.translated ?? request.conversation), model: call.model }
  const encoded = session.encodeRequest(conversation, { losses, facts: generation.facts(call.model), seals, refused })
  const asked = call.operation === 'count-tokens' ? countBody(generation, call, encoded) : encoded
  return { ...adapted(provider, asked, call, losses), session, stripUsage: false, estimatedInput: estimateInputTokens(conversation) }
}

/** The caller's wish for vectors in the provider's protocol. */
export function embeddingBody({ generation, request, provider, losses }: BodyParts, call: ProviderCall): MadeBody {
  const codec = generation.registry.get('protocol', call.protocol).embeddings
  if (!codec) throw new GatewayError('TKL_OPERATION_UNSUPPORTED', `${call.protocol} has no embeddings.`)
  const wanted = { ...request.embedding, model: call.model }
  const characters = wanted.inputs.reduce((sum, input) => sum + (typeof input === 'string' ? input.length : input.length * 4), 0)
  const body = adapted(provider, codec.encodeRequest(wanted, losses), call, losses)
  return { ...body, session: undefined, stripUsage: false, estimatedInput: estimateTextTokens(characters) }
}

function adapted(provider: Provider, body: JsonObject, call: ProviderCall, losses: LossSink): Pick<MadeBody, 'body' | 'headers'> {
  const accepted = provider.adapt ? provider.adapt(body, call, losses) : body
  return { body: JSON.stringify(accepted), ...(provider.bodyHeaders && { headers: provider.bodyHeaders(accepted, call) }) }
}

function countBody(generation: Generation, call: ProviderCall, encoded: JsonObject): JsonObject {
  const codec = generation.registry.get('protocol', call.protocol).tokenCount
  if (!codec) throw new GatewayError('TKL_OPERATION_UNSUPPORTED', `${call.protocol} has no token counts.`)
  return codec.request(encoded, call.model)
}
