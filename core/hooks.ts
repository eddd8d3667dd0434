import type { Attempt, Principal, RequestContext } from './context.ts'
import type { RequestRecord } from './contracts/ledger.ts'
import type { RoutePlan, RouteTarget } from './contracts/router.ts'
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
  onAttempt(attempt: Attempt, context: RequestContext, tap: TapCall): Awaitable<void>
  resolveRetry(attempt: Attempt, context: RequestContext, tap: TapCall): Awaitable<Retry | undefined>
  openReply(context: RequestContext): ReplyTransform | undefined
  guardReply(head: ReplyHead, context: RequestContext, tap: TapCall): Awaitable<GuardAnswer | undefined>
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

type HookDefaults = Pick<HookDefinition, 'timing' | 'onFailure' | 'timeout' | 'decodes'>

const perRequest: HookDefaults = { timing: 'async', onFailure: 'fail-closed', timeout: 5_000, decodes: 'never' }
const decoding: HookDefaults = { ...perRequest, decodes: 'request' }
const observing: HookDefaults = { ...perRequest, onFailure: 'fail-open' }

/** Every hook in order of execution. docs/hooks.md is generated from this table. */
export const hookTable: { readonly [Name in HookName]: HookDefinition } = {
  onReady: { ...perRequest, timeout: 30_000, stage: 'boot', verb: 'on', arguments: '', when: 'All plugins are set up; no request is served yet.' },
  resolvePrincipal: {
    ...perRequest,
    stage: 'ingress',
    verb: 'resolve',
    arguments: 'context',
    when: 'Headers only. Once tapped, a request that no tap answers for gets 401.',
  },
  guardRequest: { ...perRequest, stage: 'ingress', verb: 'guard', arguments: 'context', when: 'The body is read; model and stream are known.' },
  modifyConversation: {
    ...decoding,
    stage: 'normalize',
    verb: 'modify',
    arguments: 'conversation, context',
    when: 'Answering with the same object keeps the caller’s bytes.',
  },
  guardConversation: {
    ...decoding,
    stage: 'normalize',
    verb: 'guard',
    arguments: 'conversation, context',
    when: 'After all changes. Tapping it changes no byte.',
  },
  resolveRoute: { ...perRequest, stage: 'route', verb: 'resolve', arguments: 'context', when: 'Before the router plugins are asked.' },
  modifyRoute: { ...perRequest, stage: 'route', verb: 'modify', arguments: 'plan, context', when: 'A plan was found.' },
  guardAttempt: {
    ...perRequest,
    stage: 'egress',
    verb: 'guard',
    arguments: 'attempt, context',
    when: 'Per attempt, encoded but not sent: provider, model, losses, tokens.',
  },
  modifyUpstream: {
    ...perRequest,
    stage: 'egress',
    verb: 'modify',
    arguments: 'request, attempt, context',
    when: 'Per attempt: what will be sent, credentials included.',
  },
  onAttempt: { ...observing, stage: 'egress', verb: 'on', arguments: 'attempt, context', when: 'An attempt is over, well or not.' },
  resolveRetry: {
    ...observing,
    stage: 'egress',
    verb: 'resolve',
    arguments: 'attempt, context',
    when: 'An attempt failed before any byte went to the caller.',
  },
  openReply: {
    ...perRequest,
    timing: 'sync',
    timeout: 0,
    decodes: 'reply',
    stage: 'reply',
    verb: 'open',
    arguments: 'context',
    when: 'A reply begins; the answer sees every event, streamed or not.',
  },
  guardReply: {
    ...perRequest,
    stage: 'reply',
    verb: 'guard',
    arguments: 'head, context',
    when: 'Before the first byte of the reply; a unary one is there whole.',
  },
  modifyCharge: {
    ...observing,
    timeout: 1_000,
    stage: 'meter',
    verb: 'modify',
    arguments: 'record, context',
    when: 'The request is over; before its row is written.',
  },
  onMeter: { ...observing, stage: 'meter', verb: 'on', arguments: 'record, context', when: 'The row is durable. The caller does not wait for it.' },
  onRequestEnd: { ...observing, stage: 'meter', verb: 'on', arguments: 'context', when: 'All is over, also for refused requests. Nobody waits for it.' },
  onError: {
    ...observing,
    timing: 'sync',
    timeout: 0,
    stage: 'any',
    verb: 'on',
    arguments: 'error, context',
    when: 'Something failed; no context outside of a request.',
  },
}

export interface TapOptions {
  /** `pre` before and `post` after the others; configuration order within each. */
  readonly order?: 'pre' | 'post'
  readonly onFailure?: FailurePolicy
  /** Milliseconds; 0 for none. */
  readonly timeout?: number
}

/** `api.hooks`: one object per hook. The plugin's id becomes the tap's name. */
export type HookTaps = {
  readonly [Name in HookName]: { tap(handler: HookHandlers[Name], options?: TapOptions): void }
}
