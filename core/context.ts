import type { Logger } from 'pino'
import type { AttemptClosed, AttemptOpened } from './contracts/ledger.ts'
import type { Operation, Protocol, ProtocolId, RequestHeaders } from './contracts/protocol.ts'
import type { RoutePlan, RouteTarget } from './contracts/router.ts'
import type { Conversation, Loss, Usage, WireError } from './conversation/index.ts'
import type { GatewayError } from './errors.ts'

/** Who sends the request. */
export interface Principal {
  /** Stands in the ledger row. */
  readonly id: string
  readonly name?: string
  /** Facts that auth plugins leave for others; never secrets. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** One try at one provider, as hooks see it. */
export interface Attempt {
  readonly opened: AttemptOpened
  readonly target: RouteTarget
  readonly path: 'identity' | 'translated'
  readonly stream: boolean
  readonly losses: readonly Loss[]
  /** Tokens, estimated from the request. */
  readonly estimatedInput: number
  /** Set when the attempt is over. */
  readonly closed?: AttemptClosed
  /** The provider's error, when it gave one. */
  readonly error?: WireError
}

/** One request's state, as hooks see it. Values are readonly; plugins keep state of their own in a `WeakMap` keyed by the context. */
export interface RequestContext {
  /** UUIDv7: the ledger row's id. */
  readonly id: string
  /** What `x-request-id` says: the caller's, or `id`. */
  readonly requestId: string
  /** Unix milliseconds. */
  readonly startedAt: number
  readonly method: string
  /** Path without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Holds credentials: never log it whole. */
  readonly headers: RequestHeaders
  readonly remoteAddress: string | undefined
  readonly protocol: ProtocolId
  readonly operation: Operation
  readonly principal: Principal | undefined
  /** The decoded body; empty until it is read (in `resolvePrincipal`). */
  readonly body: Buffer
  /** As the caller named it; empty until it is known. */
  readonly model: string
  readonly stream: boolean
  /** The request in the neutral form, decoded on first use. Throws GatewayError when the body cannot be decoded. */
  readonly conversation: Conversation
  readonly plan: RoutePlan | undefined
  readonly attempts: readonly Attempt[]
  readonly losses: readonly Loss[]
  readonly usage: Usage | undefined
  /** The status sent to the caller; undefined until it is. */
  readonly status: number | undefined
  /** What went wrong, if anything did. */
  readonly error: GatewayError | undefined
  /** Aborted when the caller leaves or the gateway gives the request up. */
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** What the pipeline needs beyond what hooks see. */
export interface ProtocolBinding {
  readonly protocol: Protocol
  readonly operation: Operation
  readonly params: Readonly<Record<string, string | undefined>>
}
