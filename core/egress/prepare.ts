import type { Attempt } from '../context.ts'
import type { Protocol, ProtocolId } from '../contracts/protocol.ts'
import type { Provider, ProviderCall, ProviderTarget } from '../contracts/provider.ts'
import type { LossPolicy, RouteTarget } from '../contracts/router.ts'
import type { TranslationSession } from '../contracts/translation.ts'
import type { UpstreamRequest } from '../contracts/upstream.ts'
import { estimateBodyTokens, estimateInputTokens, LossSink } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import { createId } from '../identifiers.ts'
import type { GatewayRequest } from '../request.ts'
import { identityRequestHeaders, translatedRequestHeaders } from '../upstream/headers.ts'

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
  /** Hooks look into the reply: `openReply` is asked when it begins. */
  readonly looksInside: boolean
  /** Losses are named to the caller and in the row. */
  readonly reportsLosses: boolean
  /** The relay must take the usage event out again, which the caller did not ask for. */
  readonly stripUsage: boolean
}

/** Fourth stage, first half: chooses the path, makes the body, and asks the provider where it goes. Throws GatewayError. */
export function prepare(generation: Generation, request: GatewayRequest, target: RouteTarget): Prepared {
  const protocol = request.protocolBinding as Protocol
  const provider = generation.registry.get('provider', target.provider)
  const upstreamId = chooseProtocol(generation, provider, request, target.provider)
  const path = upstreamId === protocol.id ? 'identity' : 'translated'
  const call: ProviderCall = {
    protocol: upstreamId,
    operation: request.operation,
    model: target.model,
    stream: request.stream,
    path,
    callerHeaders: request.headers,
  }
  const goal = provider.open(call)
  const losses = new LossSink()
  const looksInside = request.operation === 'generate' && generation.hooks.used.openReply
  const made =
    path === 'identity' ? identityBody(generation, request, protocol, provider, target, losses) : translatedBody(generation, request, provider, call, losses)
  const session = made.session ?? (looksInside ? generation.identityTranslation(protocol).open() : undefined)
  const policy = request.plan?.onLoss ?? generation.config.onLoss
  refuseLosses(policy, losses)
  return {
    provider,
    protocol,
    upstreamProtocol: generation.registry.get('protocol', upstreamId),
    losses,
    session,
    looksInside,
    reportsLosses: policy !== 'allow',
    stripUsage: made.stripUsage,
    upstream: upstreamRequest(request, path, goal, made.body),
    attempt: openAttempt(request, target, upstreamId, path, made.estimatedInput, losses),
  }
}

/** The caller's own protocol where the provider speaks it; else the provider's richest one that there is a translation to. */
function chooseProtocol(generation: Generation, provider: Provider, request: GatewayRequest, providerId: string): ProtocolId {
  const own = request.protocol
  if (provider.protocols.includes(own) && provider.supports(own, request.operation)) return own
  const spoken = provider.protocols.filter((protocol) => generation.registry.find('protocol', protocol) && provider.supports(protocol, request.operation))
  const translated = spoken.find((protocol) => generation.translation(own, protocol))
  if (translated !== undefined && request.operation === 'generate') return translated
  if (request.operation !== 'generate')
    throw new GatewayError('TKL_OPERATION_UNSUPPORTED', `The provider "${providerId}" has no ${request.operation} for ${own}.`)
  throw new GatewayError(
    'TKL_TRANSLATION_MISSING',
    `The model is routed to "${providerId}", which speaks ${provider.protocols.join(', ') || 'nothing'}, and no translation plugin from ${own} is configured. Add one to the configuration.`,
  )
}

interface MadeBody {
  readonly body: Buffer | string
  readonly session: TranslationSession | undefined
  readonly stripUsage: boolean
  readonly estimatedInput: number
}

/** The caller's own bytes, with the model's name patched; or, when a hook rewrote the conversation, its encoding in the same protocol. */
function identityBody(
  generation: Generation,
  request: GatewayRequest,
  protocol: Protocol,
  provider: Provider,
  target: RouteTarget,
  losses: LossSink,
): MadeBody {
  let { body, peek } = request
  if (!peek) throw new GatewayError('TKL_INTERNAL', 'The request was not looked at before it was routed.')
  if (request.rewritten) {
    body = Buffer.from(JSON.stringify(protocol.encodeRequest(request.conversation, { losses, facts: generation.facts(target.model) })))
    peek = protocol.peek({ operation: request.operation, body, params: request.params, query: request.query, headers: request.headers })
  }
  const requestUsage = peek.stream && provider.streamUsage && request.operation === 'generate'
  const patched = protocol.patchRequest(body, peek, { model: target.model, requestUsage })
  return { body: patched.body, session: undefined, stripUsage: patched.usageAdded, estimatedInput: estimateBodyTokens(body) }
}

function translatedBody(generation: Generation, request: GatewayRequest, provider: Provider, call: ProviderCall, losses: LossSink): MadeBody {
  const translation = generation.translation(request.protocol, call.protocol)
  if (!translation) throw new GatewayError('TKL_TRANSLATION_MISSING', `There is no translation from ${request.protocol} to ${call.protocol}.`)
  const session = translation.open()
  const conversation = { ...request.conversation, model: call.model }
  const encoded = session.encodeRequest(conversation, { losses, facts: generation.facts(call.model) })
  const adapted = provider.adapt ? provider.adapt(encoded, call, losses) : encoded
  return { body: JSON.stringify(adapted), session, stripUsage: false, estimatedInput: estimateInputTokens(conversation) }
}

function refuseLosses(policy: LossPolicy, losses: LossSink): void {
  if (policy !== 'reject') return
  const semantic = losses.losses.filter((loss) => loss.severity === 'semantic')
  if (semantic.length === 0) return
  const named = semantic.map((loss) => `${loss.path} (${loss.feature} ${loss.action})`).join(', ')
  throw new GatewayError('TKL_LOSS_REJECTED', `The route takes no request that loses meaning in translation, and this one would: ${named}.`)
}

function upstreamRequest(request: GatewayRequest, path: 'identity' | 'translated', goal: ProviderTarget, body: Buffer | string): UpstreamRequest {
  return {
    method: goal.method,
    origin: goal.origin,
    path: path === 'identity' ? goal.path + request.forwardedQuery : goal.path,
    headers:
      path === 'identity' ? identityRequestHeaders(request.headers, goal.headers) : translatedRequestHeaders(request.headers, goal.headers, request.stream),
    body,
    timeouts: goal.timeouts,
    ...(goal.ca !== undefined && { ca: goal.ca }),
  }
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
