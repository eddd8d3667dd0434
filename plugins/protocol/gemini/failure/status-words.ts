import type { ErrorKind } from 'tokligence'

interface StatusWord {
  readonly kind: ErrorKind
  readonly status: number
}

/** google.rpc.Code with the HTTP statuses that googleapis/googleapis, google/rpc/code.proto, gives them. */
export const statusWords: ReadonlyMap<string, StatusWord> = new Map<string, StatusWord>([
  ['INVALID_ARGUMENT', { kind: 'invalid-request', status: 400 }],
  ['FAILED_PRECONDITION', { kind: 'invalid-request', status: 400 }],
  ['OUT_OF_RANGE', { kind: 'invalid-request', status: 400 }],
  ['UNAUTHENTICATED', { kind: 'authentication', status: 401 }],
  ['PERMISSION_DENIED', { kind: 'permission', status: 403 }],
  ['NOT_FOUND', { kind: 'not-found', status: 404 }],
  ['ALREADY_EXISTS', { kind: 'conflict', status: 409 }],
  ['ABORTED', { kind: 'conflict', status: 409 }],
  ['RESOURCE_EXHAUSTED', { kind: 'rate-limit', status: 429 }],
  ['CANCELLED', { kind: 'upstream', status: 499 }],
  ['UNKNOWN', { kind: 'internal', status: 500 }],
  ['INTERNAL', { kind: 'internal', status: 500 }],
  ['DATA_LOSS', { kind: 'internal', status: 500 }],
  ['UNIMPLEMENTED', { kind: 'internal', status: 501 }],
  ['UNAVAILABLE', { kind: 'overloaded', status: 503 }],
  ['DEADLINE_EXCEEDED', { kind: 'timeout', status: 504 }],
])

export const wordsOfKinds: { readonly [Kind in ErrorKind]: string } = {
  'invalid-request': 'INVALID_ARGUMENT',
  authentication: 'UNAUTHENTICATED',
  billing: 'RESOURCE_EXHAUSTED',
  permission: 'PERMISSION_DENIED',
  'not-found': 'NOT_FOUND',
  conflict: 'ABORTED',
  'too-large': 'INVALID_ARGUMENT',
  'unsupported-media': 'INVALID_ARGUMENT',
  'rate-limit': 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  timeout: 'DEADLINE_EXCEEDED',
  upstream: 'UNAVAILABLE',
  internal: 'INTERNAL',
}

/** Types of google.rpc messages that stand in an error's `details`. */
export const detailTypes = {
  errorInfo: 'type.googleapis.com/google.rpc.ErrorInfo',
  retryInfo: 'type.googleapis.com/google.rpc.RetryInfo',
  badRequest: 'type.googleapis.com/google.rpc.BadRequest',
} as const
