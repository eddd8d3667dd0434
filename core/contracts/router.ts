import type { ProtocolId } from './protocol.ts'

export interface RouteTarget {
  /** A provider's id in the configuration. */
  readonly provider: string
  /** The model's name upstream. */
  readonly model: string
}

/** What to do when a translation cannot carry something over. */
export type LossPolicy = 'allow' | 'report' | 'reject'

/** Where a request goes. */
export interface RoutePlan {
  /** The first is tried first; the others are there for `resolveRetry`. Never empty. */
  readonly targets: readonly RouteTarget[]
  /** Overrides the configuration's policy. */
  readonly onLoss?: LossPolicy
}

export interface RouteRequest {
  /** As the caller named it. */
  readonly model: string
  readonly protocol: ProtocolId
  readonly operation: string
}

/** Chooses providers by the model's name. Contribution of the plugin kind `router`; asked in configuration order after the hook `resolveRoute`. */
export interface Router {
  resolve(request: RouteRequest): RoutePlan | undefined
  /** Names without wildcards that a caller may use, for the list of models and for "did you mean". */
  names(): readonly string[]
  /** The provider ids it routes to, so that boot can tell unknown ones. */
  providers(): readonly string[]
}
