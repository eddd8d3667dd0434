import type { Json } from './conversation/json.ts'
import type { ErrorKind, WireError } from './conversation/wire-error.ts'

interface ErrorDefinition {
  readonly status: number
  readonly kind: ErrorKind
  /** What it means and what to do, for docs/errors.md. */
  readonly meaning: string
}

/** Every code there is. docs/errors.md is generated from this table, and a test compares the two. */
export const errorTable = {
  TKL_CONFIG_INVALID: {
    status: 500,
    kind: 'internal',
    meaning: 'The configuration is wrong. The message names file, line, plugin and option. The process exits with 78.',
  },
  TKL_CONFIG_NOT_FOUND: { status: 500, kind: 'internal', meaning: 'The configuration file that was named does not exist. Exit code 78.' },
  TKL_CONFIG_SECRET_MISSING: {
    status: 500,
    kind: 'internal',
    meaning: 'A secret points at an environment variable or a file that is not there. Set it, or mark the secret `optional`. Exit code 78.',
  },
  TKL_PLUGIN_DUPLICATE: { status: 500, kind: 'internal', meaning: 'Two plugins of one kind have the same id. Give one of them another `id`. Exit code 78.' },
  TKL_PLUGIN_MISSING: { status: 500, kind: 'internal', meaning: 'A plugin asks for another one that the configuration does not list. Exit code 78 at boot.' },
  TKL_PLUGIN_SETUP_FAILED: { status: 500, kind: 'internal', meaning: 'A plugin threw while it was set up. Exit code 78.' },
  TKL_PLUGIN_COMMAND_DUPLICATE: { status: 500, kind: 'internal', meaning: 'Two plugins contribute a command of the same name. Exit code 78.' },
  TKL_LISTEN_FAILED: { status: 500, kind: 'internal', meaning: 'The address cannot be listened on; most often the port is taken. Exit code 69.' },
  TKL_NATIVE_MODULE_MISSING: {
    status: 500,
    kind: 'internal',
    meaning: 'A native module was not built for this Node. The message has the line that builds it. Exit code 78.',
  },

  TKL_HOST_REJECTED: {
    status: 403,
    kind: 'permission',
    meaning: 'Without authentication only loopback host names are answered. Add the name to `allowedHosts`, or add an auth plugin.',
  },
  TKL_ORIGIN_REJECTED: {
    status: 403,
    kind: 'permission',
    meaning: 'A web page of another origin sent the request. Add the origin to `allowedOrigins` if it may.',
  },
  TKL_CONTENT_TYPE_REJECTED: { status: 415, kind: 'unsupported-media', meaning: 'The endpoint takes JSON: send `content-type: application/json`.' },
  TKL_ENCODING_UNSUPPORTED: {
    status: 415,
    kind: 'unsupported-media',
    meaning: 'The body has a content-encoding other than gzip, br, deflate, zstd or identity.',
  },
  TKL_NOT_FOUND: { status: 404, kind: 'not-found', meaning: 'No endpoint has this method and path.' },
  TKL_METHOD_NOT_ALLOWED: { status: 405, kind: 'invalid-request', meaning: 'The path exists, but not for this method; the `allow` header names those it has.' },
  TKL_AUTH_REQUIRED: { status: 401, kind: 'authentication', meaning: 'The request carries no key, or one that is not known here.' },
  TKL_REQUEST_TOO_LARGE: { status: 413, kind: 'too-large', meaning: 'The body, decoded, is larger than `limits.requestBytes` (32 MiB by default).' },
  TKL_REQUEST_ABORTED: { status: 400, kind: 'invalid-request', meaning: 'The body ended before it was whole, or could not be decompressed.' },
  TKL_REQUEST_JSON: { status: 400, kind: 'invalid-request', meaning: 'The body is not JSON. The message has the position.' },
  TKL_REQUEST_DUPLICATE_MEMBER: {
    status: 400,
    kind: 'invalid-request',
    meaning: 'A member that decides where the request goes stands twice, or is spelled with escapes. Two readers could understand two requests.',
  },
  TKL_REQUEST_INVALID: { status: 400, kind: 'invalid-request', meaning: 'A field is missing or has the wrong type. The message names it.' },
  TKL_MODEL_NOT_FOUND: { status: 404, kind: 'not-found', meaning: 'No route takes this model. The message lists the nearest names.' },
  TKL_LOSS_REJECTED: {
    status: 400,
    kind: 'invalid-request',
    meaning: 'The route rejects requests that cannot be translated without loss. The message names what would be lost.',
  },
  TKL_TRANSLATION_MISSING: {
    status: 400,
    kind: 'invalid-request',
    meaning: 'The provider does not speak the caller’s protocol and no translation plugin for the pair is configured.',
  },
  TKL_OPERATION_UNSUPPORTED: { status: 400, kind: 'invalid-request', meaning: 'The provider that the model is routed to has no such operation.' },
  TKL_PROVIDER_KEY_MISSING: {
    status: 401,
    kind: 'authentication',
    meaning: 'The provider has no key, and the caller sent none that may be forwarded. Set the provider’s `apiKey`.',
  },
  TKL_HOOK_FAILED: { status: 500, kind: 'internal', meaning: 'A plugin’s hook threw, and the hook is fail-closed. The log names plugin and hook.' },
  TKL_HOOK_TIMEOUT: {
    status: 500,
    kind: 'internal',
    meaning: 'A plugin’s hook did not answer in time, and the hook is fail-closed. The log names plugin and hook.',
  },
  TKL_REQUEST_REFUSED: { status: 403, kind: 'permission', meaning: 'A guard plugin refused the request. The message is the plugin’s.' },

  TKL_UPSTREAM_UNREACHABLE: { status: 502, kind: 'upstream', meaning: 'The provider could not be connected to.' },
  TKL_UPSTREAM_TIMEOUT: { status: 504, kind: 'timeout', meaning: 'The provider did not answer, or stopped sending, within its time-out.' },
  TKL_UPSTREAM_CUT: { status: 502, kind: 'upstream', meaning: 'The provider’s answer ended before it was whole.' },
  TKL_UPSTREAM_MALFORMED: { status: 502, kind: 'upstream', meaning: 'The provider’s answer is not what its protocol says.' },
  TKL_UPSTREAM_ERROR: { status: 502, kind: 'upstream', meaning: 'The provider answered with an error; status, type and message are the provider’s own.' },
  TKL_LEDGER_UNAVAILABLE: { status: 503, kind: 'overloaded', meaning: 'The ledger could not write, and is set to refuse rather than lose a row.' },
  TKL_SHUTTING_DOWN: { status: 503, kind: 'overloaded', meaning: 'The gateway is stopping and the time for draining is over.' },
  TKL_CLIENT_GONE: {
    status: 499,
    kind: 'invalid-request',
    meaning: 'The caller closed the connection before its answer was whole. Seen only in the ledger and the log.',
  },
  TKL_INTERNAL: { status: 500, kind: 'internal', meaning: 'A fault of the gateway itself. The log has the details under the request id.' },
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof errorTable

export interface GatewayErrorOptions {
  readonly cause?: unknown
  /** Overrides the table's status, for instance with a vendor's. */
  readonly status?: number
  readonly kind?: ErrorKind
  readonly param?: string
  /** Seconds. */
  readonly retryAfter?: number
  readonly vendorType?: string
  readonly vendorCode?: string
  readonly details?: Json
}

const marker = Symbol.for('tokligence.error')

/** The one error class. `GatewayError.is` recognises it across copies of the package. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly status: number
  readonly kind: ErrorKind
  readonly options: GatewayErrorOptions

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? errorTable[code].status
    this.kind = options.kind ?? errorTable[code].kind
    this.options = options
    Object.defineProperty(this, marker, { value: true })
  }

  static is(error: unknown, code?: ErrorCode): error is GatewayError {
    return typeof error === 'object' && error !== null && marker in error && (code === undefined || (error as unknown as GatewayError).code === code)
  }

  /** Anything thrown becomes a GatewayError; what is not ours is `TKL_INTERNAL`, its text kept from the caller. */
  static from(error: unknown): GatewayError {
    if (GatewayError.is(error)) return error
    return new GatewayError('TKL_INTERNAL', 'The gateway failed to handle this request; its log has the details.', { cause: error })
  }

  /** A vendor's error on its way to the caller. */
  static fromWire(error: WireError): GatewayError {
    return new GatewayError('TKL_UPSTREAM_ERROR', error.message, {
      status: error.status,
      kind: error.kind,
      ...(error.param !== undefined && { param: error.param }),
      ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
      ...(error.vendorType !== undefined && { vendorType: error.vendorType }),
      ...(error.code !== undefined && { vendorCode: error.code }),
      ...(error.details !== undefined && { details: error.details }),
    })
  }

  toWire(): WireError {
    const { param, retryAfter, vendorType, vendorCode, details } = this.options
    return {
      status: this.status,
      kind: this.kind,
      message: this.message,
      ...(this.code === 'TKL_UPSTREAM_ERROR' ? vendorCode !== undefined && { code: vendorCode } : { code: this.code }),
      ...(vendorType !== undefined && { vendorType }),
      ...(param !== undefined && { param }),
      ...(retryAfter !== undefined && { retryAfter }),
      ...(details !== undefined && { details }),
    }
  }
}
