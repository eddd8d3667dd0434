import type { Json } from './conversation/json.ts'
import type { ErrorKind, WireError } from './conversation/wire-error.ts'

interface ErrorDefinition {
  readonly status: number
  readonly kind: ErrorKind
  /** What it means and what to do, for docs/errors.md. */
  readonly meaning: string
}

function define(status: number, kind: ErrorKind, meaning: string): ErrorDefinition {
  return { status, kind, meaning }
}

/** Every code there is. docs/errors.md is generated from this table, and a test compares the two. */
export const errorTable = {
  TKL_CONFIG_INVALID: define(500, 'internal', 'The configuration is wrong. The message names file, line, plugin and option. The process exits with 78.'),
  TKL_CONFIG_NOT_FOUND: define(500, 'internal', 'The configuration file that was named does not exist. Exit code 78.'),
  TKL_CONFIG_SECRET_MISSING: define(
    500,
    'internal',
    'A secret’s environment variable or file is not there. Set it, or mark the secret `optional`. Exit code 78.',
  ),
  TKL_PLUGIN_DUPLICATE: define(500, 'internal', 'Two plugins of one kind have the same id. Give one of them another `id`. Exit code 78.'),
  TKL_PLUGIN_MISSING: define(500, 'internal', 'A plugin asks for another one that the configuration does not list. Exit code 78 at boot.'),
  TKL_PLUGIN_SETUP_FAILED: define(500, 'internal', 'A plugin threw while it was set up. Exit code 78.'),
  TKL_PLUGIN_COMMAND_DUPLICATE: define(500, 'internal', 'Two plugins contribute a command of the same name. Exit code 78.'),
  TKL_LISTEN_FAILED: define(500, 'internal', 'The address cannot be listened on; most often the port is taken. Exit code 69.'),
  TKL_NATIVE_MODULE_MISSING: define(500, 'internal', 'A native module was not built for this Node. The message has the line that builds it. Exit code 78.'),
  TKL_HOST_REJECTED: define(403, 'permission', 'Without authentication only loopback host names are answered. Add the name to `allowedHosts`.'),
  TKL_ORIGIN_REJECTED: define(403, 'permission', 'A web page of another origin sent the request. Add the origin to `allowedOrigins` if it may.'),
  TKL_CONTENT_TYPE_REJECTED: define(415, 'unsupported-media', 'The endpoint takes JSON: send `content-type: application/json`.'),
  TKL_ENCODING_UNSUPPORTED: define(415, 'unsupported-media', 'The body has a content-encoding other than gzip, br, deflate, zstd or identity.'),
  TKL_NOT_FOUND: define(404, 'not-found', 'No endpoint has this method and path.'),
  TKL_METHOD_NOT_ALLOWED: define(405, 'invalid-request', 'The path exists, but not for this method; the `allow` header names those it has.'),
  TKL_AUTH_REQUIRED: define(401, 'authentication', 'The request carries no key, or one that is not known here.'),
  TKL_REQUEST_TOO_LARGE: define(413, 'too-large', 'The body is larger than `limits.requestBytes` (32 MiB by default), or what is sealed in it than 64 MiB.'),
  TKL_REQUEST_ABORTED: define(400, 'invalid-request', 'The body ended before it was whole, or could not be decompressed.'),
  TKL_REQUEST_JSON: define(400, 'invalid-request', 'The body is not JSON. The message has the position.'),
  TKL_REQUEST_DUPLICATE_MEMBER: define(400, 'invalid-request', 'A member that decides the route stands twice or is escaped: two readers could read two.'),
  TKL_REQUEST_INVALID: define(400, 'invalid-request', 'A field is missing or has the wrong type. The message names it.'),
  TKL_MODEL_NOT_FOUND: define(404, 'not-found', 'No route takes this model. The message lists the nearest names, and the providers.'),
  TKL_LOSS_REJECTED: define(400, 'invalid-request', 'The route rejects requests that cannot be translated without loss. The message names what would be lost.'),
  TKL_TRANSLATION_MISSING: define(400, 'invalid-request', 'The provider does not speak the caller’s protocol, and there is no translation for the pair.'),
  TKL_OPERATION_UNSUPPORTED: define(400, 'invalid-request', 'The provider that the model is routed to has no such operation.'),
  TKL_PROVIDER_KEY_MISSING: define(401, 'authentication', 'The provider has no key, and the caller sent none that may go on. Set its `apiKey`.'),
  TKL_HOOK_FAILED: define(500, 'internal', 'A plugin’s hook threw, and the hook is fail-closed. The log names plugin and hook.'),
  TKL_HOOK_TIMEOUT: define(500, 'internal', 'A plugin’s hook did not answer in time, and the hook is fail-closed. The log names plugin and hook.'),
  TKL_REQUEST_REFUSED: define(403, 'permission', 'A guard plugin refused the request. The message is the plugin’s.'),
  TKL_UPSTREAM_UNREACHABLE: define(502, 'upstream', 'The provider could not be connected to.'),
  TKL_UPSTREAM_TIMEOUT: define(504, 'timeout', 'The provider did not answer, or stopped sending, within its time-out.'),
  TKL_UPSTREAM_CUT: define(502, 'upstream', 'The provider’s answer ended before it was whole.'),
  TKL_UPSTREAM_MALFORMED: define(502, 'upstream', 'The provider’s answer is not what its protocol says.'),
  TKL_UPSTREAM_ERROR: define(502, 'upstream', 'The provider answered with an error; status, type and message are the provider’s own.'),
  TKL_LEDGER_UNAVAILABLE: define(503, 'overloaded', 'The ledger could not write, and is set to refuse rather than lose a row.'),
  TKL_SESSION_UNAVAILABLE: define(503, 'overloaded', 'The store of sessions cannot be reached. Requests go on without what it remembers.'),
  TKL_SHUTTING_DOWN: define(503, 'overloaded', 'The gateway is stopping and the time for draining is over.'),
  TKL_CLIENT_GONE: define(499, 'invalid-request', 'The caller closed the connection before its answer was whole. Seen only in the ledger and the log.'),
  TKL_INTERNAL: define(500, 'internal', 'A fault of the gateway itself. The log has the details under the request id.'),
} satisfies Record<string, ErrorDefinition>

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
  /** Headers that go to the caller with the error, such as a vendor's rate limits. */
  readonly headers?: Readonly<Record<string, string | string[]>>
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
  static fromWire(error: WireError, headers?: GatewayErrorOptions['headers']): GatewayError {
    return new GatewayError('TKL_UPSTREAM_ERROR', error.message, {
      status: error.status,
      kind: error.kind,
      ...(error.param !== undefined && { param: error.param }),
      ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
      ...(error.vendorType !== undefined && { vendorType: error.vendorType }),
      ...(error.code !== undefined && { vendorCode: error.code }),
      ...(error.details !== undefined && { details: error.details }),
      ...(headers && { headers }),
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
