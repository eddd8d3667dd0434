import type { Operation, ProtocolId } from '../contracts/protocol.ts'
import type { Provider } from '../contracts/provider.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'

/** Which protocol a provider is asked in, and for what. */
export interface SpokenProtocol {
  readonly protocol: ProtocolId
  readonly operation: Operation
}

/** The caller's own protocol where the provider speaks it; else the provider's richest one that there is a translation to. */
export function chooseProtocol(generation: Generation, provider: Provider, request: GatewayRequest, providerId: string): SpokenProtocol {
  const { protocol: own, operation } = request
  if (provider.protocols.includes(own) && provider.supports(own, operation)) return { protocol: own, operation }
  const asked = operation === 'embed-one' ? 'embed' : operation
  const offered = provider.protocols.filter((protocol) => provider.supports(protocol, asked))
  const richest = offered.find((protocol) => isTranslated(generation, own, protocol, asked))
  if (richest !== undefined) return { protocol: richest, operation: asked }
  const places = offered.length > 0 ? `in ${offered.join(', ')}, which no configured plugin translates from ${own}` : 'in no protocol'
  if (operation !== 'generate') throw new GatewayError('TKL_OPERATION_UNSUPPORTED', `The provider "${providerId}" offers the operation "${asked}" ${places}.`)
  throw new GatewayError(
    'TKL_TRANSLATION_MISSING',
    `The model is routed to "${providerId}", which speaks ${provider.protocols.join(', ') || 'nothing'}, and no translation plugin from ${own} is configured. Add one to the configuration.`,
  )
}

function isTranslated(generation: Generation, from: ProtocolId, to: ProtocolId, operation: Operation): boolean {
  const [caller, provider] = [from, to].map((id) => generation.registry.find('protocol', id))
  if (!caller || !provider) return false
  // A provider that speaks the caller's protocol may have only another operation of it.
  if (operation === 'embed') return caller.embeddings !== undefined && provider.embeddings !== undefined
  if (from === to || !generation.translation(from, to)) return false
  return operation === 'generate' || (operation === 'count-tokens' && caller.tokenCount !== undefined && provider.tokenCount !== undefined)
}
