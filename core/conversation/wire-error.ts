import type { Json } from './json.ts'

/** What kind of failure it is, in one vocabulary; each protocol has its own words for these. */
export type ErrorKind =
  | 'invalid-request'
  | 'authentication'
  | 'billing'
  | 'permission'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'unsupported-media'
  | 'rate-limit'
  | 'overloaded'
  | 'timeout'
  | 'upstream'
  | 'internal'

/** A failure on its way to the caller, ours or a vendor's, before a protocol renders it in its own envelope. */
export interface WireError {
  /** HTTP status, also when the error is sent inside a stream. */
  readonly status: number
  readonly kind: ErrorKind
  readonly message: string
  /** A machine-readable code: ours (`TKL_…`), or the vendor's. */
  readonly code?: string
  /** The vendor's own word for the type of error, when the error is a vendor's. */
  readonly vendorType?: string
  /** The request field at fault, as a path such as `messages[2].content`. */
  readonly param?: string
  /** Seconds. */
  readonly retryAfter?: number
  readonly details?: Json
}

/** The kind that a bare HTTP status stands for. */
export function kindOfStatus(status: number): ErrorKind {
  switch (status) {
    case 401:
      return 'authentication'
    case 402:
      return 'billing'
    case 403:
      return 'permission'
    case 404:
      return 'not-found'
    case 408:
    case 504:
      return 'timeout'
    case 409:
      return 'conflict'
    case 413:
      return 'too-large'
    case 415:
      return 'unsupported-media'
    case 429:
      return 'rate-limit'
    case 502:
      return 'upstream'
    case 503:
    case 529:
      return 'overloaded'
    default:
      return status >= 500 ? 'internal' : 'invalid-request'
  }
}
