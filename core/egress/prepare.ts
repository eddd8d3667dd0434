import type { Attempt } from '../context.ts'
import type { Protocol, ProtocolId } from '../contracts/protocol.ts'
import type { Provider, ProviderCall, ProviderTarget } from '../contracts/provider.ts'
import type { LossPolicy, RouteTarget } from '../contracts/router.ts'
import type { TranslationSession } from '../contracts/translation.ts'
import type { UpstreamRequest } from '../contracts/upstream.ts'
import { LossSink, type SealKeeper } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import { createId } from '../identifiers.ts'
import type { GatewayRequest } from '../request.ts'
import { identityRequestHeaders, translatedRequestHeaders } from '../upstream/headers.ts'
import { chooseProtocol } from './choose-protocol.ts'
import { embeddingBody, identityBody, type MadeBody, translatedBody } from './make-body.ts'

/** One attempt, ready to be sent, and how its answer is to be read. */
export interface Prepared {
  readonly attempt: Attempt
  readonly provider: Provider
  readonly protocol: Protocol
  readonly upstreamProtocol: Protocol
  readonly upstream: UpstreamRequest
  readonly losses: LossSink
  /** There when the answer must be decoded: it is in another protocol, or hooks look into it. */
  readonly session: TranslationSession | undefined
  /** Seals of the provider that is asked, where a plugin makes any. */
  readonly seals: SealKeeper | undefined
  /** The provider has refused an opaque value before: none is sent. */
  readonly refused: boolean
  /** Hooks look into the reply: `openReply` is asked when it begins. */
  readonly looksInside: boolean
  /** Losses are named to the caller and in the row. */
  readonly reportsLosses: boolean
  /** The relay must take the usage event out again, which the caller did not ask for. */
  readonly stripUsage: boolean
}

/**
 * Fourth stage, first half: chooses the path, makes the body, and asks the provider where it goes. `refused`: it has refused an opaque value of the
 * conversation. Throws GatewayError.
 */
export function prepare(generation: Generation, request: GatewayRequest, target: RouteTarget, refused: boolean): Prepared {
  const protocol = request.protocolBinding as Protocol
  const provider = generation.registry.get('provider', target.provider)
  const { protocol: upstreamId, operation } = chooseProtocol(generation, provider, request, target.provider)
  const path = upstreamId === protocol.id && operation === request.operation ? 'identity' : 'translated'
  const call: ProviderCall = {
    protocol: upstreamId,
    operation,
    model: target.model,
    stream: request.stream,
    path,
    callerHeaders: request.headers,
  }
  const goal = provider.open(call)
  const losses = new LossSink()
  const looksInside = request.operation === 'generate' && generation.hooks.used.openReply
  const seals = generation.seals?.keeperFor(target.provider, provider.account, upstreamId)
  const parts = { generation, request, provider, losses, seals, refused }
  const made = path === 'identity' ? identityBody(parts, protocol, target) : operation === 'embed' ? embeddingBody(parts, call) : translatedBody(parts, call)
  const session = made.session ?? (looksInside ? generation.identityTranslation(protocol).open() : undefined)
  const policy = request.plan?.onLoss ?? generation.config.onLoss
  refuseLosses(request, policy, losses)
  return {
    provider,
    protocol,
    upstreamProtocol: generation.registry.get('protocol', upstreamId),
    losses,
    session,
    seals,
    refused,
    looksInside,
    reportsLosses: policy !== 'allow',
    stripUsage: made.stripUsage,
    upstream: upstreamRequest(request, path, goal, made),
    attempt: openAttempt(request, target, upstreamId, path, made.estimatedInput, losses),
  }
}

/** Throws GatewayError `TKL_LOSS_REJECTED` where the route takes no request that loses meaning. */
export function refuseLosses(request: GatewayRequest, policy: LossPolicy, { losses }: LossSink): void {
  const semantic = policy === 'reject' ? losses.filter((loss) => loss.severity === 'semantic') : []
  if (!semantic[0]) return
  request.losses = losses
  const named = semantic.map((loss) => `${loss.path} (${loss.feature} ${loss.action})`).join(', ')
  const said = `The route takes no request that loses meaning in translation, and this one would: ${named}.`
  throw new GatewayError('TKL_LOSS_REJECTED', said, { param: semantic[0].path })
}

function upstreamRequest(request: GatewayRequest, path: 'identity' | 'translated', goal: ProviderTarget, made: MadeBody): UpstreamRequest {
  const own = made.headers ? { ...goal.headers, ...made.headers } : goal.headers
  return {
    method: goal.method,
    origin: goal.origin,
    path: path === 'identity' ? withQuery(goal.path, request.forwardedQuery) : goal.path,
    headers: path === 'identity' ? identityRequestHeaders(request.headers, own) : translatedRequestHeaders(request.headers, own, request.stream),
    body: made.body,
    timeouts: goal.timeouts,
    ...(goal.ca !== undefined && { ca: goal.ca }),
  }
}

/** The caller's query behind the provider's path; what the path asks for itself counts. A `$` may stand before a name that means the same without it. */
function withQuery(path: string, query: string): string {
  const mark = path.indexOf('?')
  if (mark === -1 || query === '') return path + query
  const own = new URLSearchParams(path.slice(mark + 1))
  const rest = new URLSearchParams(query.slice(1))
  for (const name of own.keys()) {
    rest.delete(name)
    rest.delete(`$${name}`)
  }
  return rest.size === 0 ? path : `${path}&${rest}`
}

function openAttempt(
  request: GatewayRequest,
  target: RouteTarget,
  protocol: ProtocolId,
  path: Attempt['path'],
  estimatedInput: number,
  losses: LossSink,
): Attempt {
  return {
    opened: {
      id: createId(),
      requestId: request.id,
      sequence: request.attempts.length,
      provider: target.provider,
      protocol,
      model: target.model,
      startedAt: Date.now(),
      estimatedInput,
      callerProtocol: request.protocol,
      callerRequestId: request.requestId,
      operation: request.operation,
      stream: request.stream,
      callerModel: request.callerModel ?? request.model,
      ...(request.principal && { principal: request.principal.id }),
    },
    target,
    path,
    stream: request.stream,
    losses: [...losses.losses],
    estimatedInput,
  }
}
