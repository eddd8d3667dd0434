import type { JsonObject, LossSink } from '../conversation/index.ts'
import type { ModelCard } from './models.ts'
import type { Operation, ProtocolId, RequestHeaders } from './protocol.ts'
import type { Exchange, UpstreamTimeouts } from './upstream.ts'

export interface ProviderCall {
  readonly protocol: ProtocolId
  readonly operation: Operation
  /** The model's name upstream. */
  readonly model: string
  readonly stream: boolean
  /** `identity`: the caller speaks the same protocol. Only then may the caller's own credentials be forwarded. */
  readonly path: 'identity' | 'translated'
  /** The caller's headers. A provider reads from them only what its `credentials` setting allows. */
  readonly callerHeaders: RequestHeaders
}

/** Where a call goes, and what the provider adds to it. */
export interface ProviderTarget {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly origin: string
  readonly path: string
  /** Lower-cased header names; set over whatever the caller sent. Holds credentials: never log it. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeouts: UpstreamTimeouts
  readonly ca?: string
}

/** Somebody who answers requests. Contribution of the plugin kind `provider`. */
export interface Provider {
  /** Wire protocols it speaks, the richest first. A caller is answered in its own where possible; else the first is used for which there is a translation. */
  readonly protocols: readonly ProtocolId[]
  /** Tells one account from another, without revealing the key: a short digest of the server and the key. `none` without a key. */
  readonly account: string
  /** Whether a stream of the provider reports usage when it is asked to. */
  readonly streamUsage: boolean
  /**
   * Once per attempt. Throws GatewayError `TKL_PROVIDER_KEY_MISSING` when there are no credentials to send,
   * `TKL_OPERATION_UNSUPPORTED` when the provider has no such endpoint.
   */
  open(call: ProviderCall): ProviderTarget
  /** Rewrites a translated body for this provider's dialect of the protocol (a field it names otherwise, one it rejects). Never called on identity routes. */
  adapt?(body: JsonObject, call: ProviderCall, losses: LossSink): JsonObject
  /**
   * Headers that a translated body needs, lower-cased, over those of `open`: a provider may want its newer features announced. Never called on
   * identity routes.
   */
  bodyHeaders?(body: JsonObject, call: ProviderCall): Readonly<Record<string, string>>
  /** True when `open` would find an endpoint. */
  supports(protocol: ProtocolId, operation: Operation): boolean
  /** Answers in this process instead of over HTTP. */
  readonly exchange?: Exchange
  /** The models on offer. Rejects when the provider does not answer. */
  listModels?(signal: AbortSignal): Promise<readonly ModelCard[]>
}
