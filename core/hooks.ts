import type { Attempt, Principal, RequestContext } from './context.ts'
import type { RequestRecord } from './contracts/ledger.ts'
import type { RoutePlan, RouteTarget } from './contracts/router.ts'
import type { TranslationTarget } from './contracts/translation.ts'
import type { UpstreamRequest } from './contracts/upstream.ts'
import type { Conversation, Reply, ReplyEvent } from './conversation/index.ts'
import type { GatewayError } from './errors.ts'

export type Awaitable<T> = T | Promise<T>

/** What a guard says instead of letting the request pass: an error, a reply in the neutral form, or a ready HTTP answer. */
export type GuardAnswer =
  | GatewayError
  | { readonly reply: Reply }
  | { readonly response: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string | Buffer } }

/** Another try. */
export interface Retry {
  readonly target: RouteTarget
  /** Milliseconds to wait first. */
  readonly delay?: number
}

/** The head of a reply, before its first byte goes to the caller. */
export interface ReplyHead {
  readonly attempt: Attempt
  readonly status: number
  /** The whole reply, when it is not streamed. */
  readonly reply?: Reply
}

export type Emit = (event: ReplyEvent) => void

/** Sees every event of one reply and may hold back, drop, change or add events. Runs synchronously. */
export interface ReplyTransform {
  event(event: ReplyEvent, emit: Emit): void
  /** The provider’s events are over: emit what was held back. Called before the `reply-end` event is passed on, and when a stream is cut. */
  end?(emit: Emit): void
}

/** Given to every tap as its last argument. */
export interface TapCall {
  /** Aborted when the tap's time is over; what it answers later is ignored. */
  readonly signal: AbortSignal
}

/** Every hook's handler. Guards and resolvers answer `undefined` to pass; `null` is no answer. */
export interface HookHandlers {
  onReady(tap: TapCall): Awaitable<void>
  resolvePrincipal(context: RequestContext, tap: TapCall): Awaitable<Principal | undefined>
  guardRequest(context: RequestContext, tap: TapCall): Awaitable<GuardAnswer | undefined>
  modifyConversation(conversation: Conversation, context: RequestContext, tap: TapCall): Awaitable<Conversation>
  guardConversation(conversation: Conversation, context: RequestContext, tap: TapCall): Awaitable<GuardAnswer | undefined>
  resolveRoute(context: RequestContext, tap: TapCall): Awaitable<RoutePlan | undefined>
  modifyRoute(plan: RoutePlan, context: RequestContext, tap: TapCall): Awaitable<RoutePlan>
  guardAttempt(attempt: Attempt, context: RequestContext, tap: TapCall): Awaitable<GuardAnswer | undefined>
  modifyUpstream(request: UpstreamRequest, attempt: Attempt, context: RequestContext, tap: TapCall): Awaitable<UpstreamRequest>
  modifyTranslated(conversation: Conversation, target: TranslationTarget, context: RequestContext, tap: TapCall): Awaitable<Conversation>
  onAttempt(attempt: Attempt, context: RequestContext, tap: TapCall): Awaitable<void>
  resolveRetry(attempt: Attempt, context: RequestContext, tap: TapCall): Awaitable<Retry | undefined>
  openReply(context: RequestContext): ReplyTransform | undefined
  guardReply(head: ReplyHead, context: RequestContext, tap: TapCall): Awaitable<GuardAnswer | undefined>
  onTranslatedReply(reply: Reply, target: TranslationTarget, context: RequestContext, tap: TapCall): Awaitable<void>
  modifyCharge(record: RequestRecord, context: RequestContext, tap: TapCall): Awaitable<RequestRecord>
  onMeter(record: RequestRecord, context: RequestContext, tap: TapCall): Awaitable<void>
  onRequestEnd(context: RequestContext, tap: TapCall): Awaitable<void>
  onError(error: GatewayError, context: RequestContext | undefined): void
}

export type HookName = keyof HookHandlers

/**
 * - `on`: every tap runs in turn, the answers are ignored. - `modify`: each tap's answer is the next one's first argument.
 * - `resolve`, `guard`: the first answer that is not `undefined` ends it. - `open`: every tap may add one object to the request.
 */
export type HookVerb = 'on' | 'modify' | 'resolve' | 'guard' | 'open'

export type FailurePolicy = 'fail-open' | 'fail-closed'

export interface HookDefinition {
  readonly stage: 'boot' | 'ingress' | 'normalize' | 'route' | 'egress' | 'reply' | 'meter' | 'any'
  readonly verb: HookVerb
  /** `sync` hooks run on the hot path or inside error handling and cannot wait. */
  readonly timing: 'async' | 'sync'
  /** What happens when a tap throws or does not answer in time, unless the tap says otherwise. */
  readonly onFailure: FailurePolicy
  /** Milliseconds. */
  readonly timeout: number
  /** True when tapping it makes the gateway decode bodies that it would otherwise pass through. */
  readonly decodes: 'never' | 'request' | 'reply'
  readonly when: string
  readonly arguments: string
}

type Overrides = Partial<Pick<HookDefinition, 'timing' | 'onFailure' | 'timeout' | 'decodes'>>

function hook(stage: HookDefinition['stage'], verb: HookVerb, names: string, when: string, overrides: Overrides = {}): HookDefinition {
  return { stage, verb, timing: 'async', onFailure: 'fail-closed', timeout: 5_000, decodes: 'never', arguments: names, when, ...overrides }
}

const decoding: Overrides = { decodes: 'request' }
const observing: Overrides = { onFailure: 'fail-open' }

/** Every hook in order of execution. docs/hooks.md is generated from this table. */
export const hookTable: { readonly [Name in HookName]: HookDefinition } = {
  onReady: hook('boot', 'on', '', 'All plugins are set up; no request is served yet.', { timeout: 30_000 }),
  resolvePrincipal: hook('ingress', 'resolve', 'context', 'Headers only. Once tapped, a request that no tap answers for gets 401.'),
  guardRequest: hook('ingress', 'guard', 'context', 'The body is read; model and stream are known. Every operation, embeddings too.'),
  modifyConversation: hook(
    'normalize',
    'modify',
    'conversation, context',
    'Not for embeddings. Answering with the same object keeps the caller’s bytes.',
    decoding,
  ),
  guardConversation: hook('normalize', 'guard', 'conversation, context', 'Not for embeddings. After all changes. Tapping it changes no byte.', decoding),
  resolveRoute: hook('route', 'resolve', 'context', 'Before the router plugins are asked.'),
  modifyRoute: hook('route', 'modify', 'plan, context', 'A plan was found.'),
  modifyTranslated: hook('egress', 'modify', 'conversation, target, context', 'Per attempt at a provider of another protocol, before encoding.'),
  guardAttempt: hook('egress', 'guard', 'attempt, context', 'Per attempt, encoded but not sent: provider, model, losses, tokens.'),
  modifyUpstream: hook('egress', 'modify', 'request, attempt, context', 'Per attempt: what will be sent, credentials included.'),
  onAttempt: hook('egress', 'on', 'attempt, context', 'An attempt is over, well or not.', observing),
  resolveRetry: hook('egress', 'resolve', 'attempt, context', 'An attempt failed before any byte went to the caller.', observing),
  openReply: hook('reply', 'open', 'context', 'A reply begins; the answer sees every event, streamed or not.', {
    timing: 'sync',
    timeout: 0,
    decodes: 'reply',
  }),
  guardReply: hook('reply', 'guard', 'head, context', 'Before the first byte of the reply; a unary one is there whole.'),
  onTranslatedReply: hook('reply', 'on', 'reply, target, context', 'A translated reply is whole, as its caller gets it; its end is not sent.', observing),
  modifyCharge: hook('meter', 'modify', 'record, context', 'The request is over; before its row is written.', { ...observing, timeout: 1_000 }),
  onMeter: hook('meter', 'on', 'record, context', 'The row is durable. The caller does not wait for it.', observing),
  onRequestEnd: hook('meter', 'on', 'context', 'All is over, also for refused requests. Nobody waits for it.', observing),
  onError: hook('any', 'on', 'error, context', 'Something failed; no context outside of a request.', { ...observing, timing: 'sync', timeout: 0 }),
}

export interface TapOptions {
  /** `pre` before and `post` after the others, `first` and `last` before and after those too; configuration order within each. */
  readonly order?: 'first' | 'pre' | 'post' | 'last'
  readonly onFailure?: FailurePolicy
  /** Milliseconds; 0 for none. */
  readonly timeout?: number
}

/** `api.hooks`: one object per hook. The plugin's id becomes the tap's name. */
export type HookTaps = {
  readonly [Name in HookName]: { tap(handler: HookHandlers[Name], options?: TapOptions): void }
}
