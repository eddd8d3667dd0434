import type { IncomingMessage } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Logger } from 'pino'
import type { Attempt, Principal, RequestContext } from './context.ts'
import type { EmbeddingRequest } from './contracts/embeddings.ts'
import type { IncomingCall, Operation, Peek, Protocol, RequestHeaders } from './contracts/protocol.ts'
import type { RoutePlan } from './contracts/router.ts'
import type { Conversation, Loss, Usage } from './conversation/index.ts'
import { GatewayError } from './errors.ts'
import { acceptRequestId, createId } from './identifiers.ts'
import { parseJsonObject } from './wire/parse-json.ts'

const noBody = Buffer.alloc(0)

/** The state of one request: what hooks see (RequestContext), and what the stages write. */
export class GatewayRequest implements RequestContext {
  readonly id: string
  readonly requestId: string
  readonly startedAt = Date.now()
  readonly arrived = performance.now()
  readonly method: string
  readonly path: string
  readonly headers: RequestHeaders
  readonly remoteAddress: string | undefined
  readonly logger: Logger

  protocolBinding: Protocol | undefined
  operation: Operation = ''
  params: Readonly<Record<string, string | undefined>> = {}
  principal: Principal | undefined
  body: Buffer = noBody
  peek: Peek | undefined
  /** The model as the caller named it, which a hook may change in `model`. */
  callerModel: string | undefined
  plan: RoutePlan | undefined
  /** True when a hook has replaced the conversation, so that the caller's bytes no longer say what is asked. */
  rewritten = false
  /** What plugins made of the conversation for the provider of another protocol that is asked. */
  translated: Conversation | undefined
  readonly attempts: Attempt[] = []
  losses: readonly Loss[] = []
  usage: Usage | undefined
  status: number | undefined
  error: GatewayError | undefined
  firstByteAt: number | undefined
  /** The reason why the caller's answer can no longer be delivered, if there is one. Set by `abort`. */
  gone: GatewayError | undefined

  readonly #search: string
  #query: URLSearchParams | undefined
  #conversation: Conversation | undefined
  #controller: AbortController | undefined

  constructor(incoming: IncomingMessage, logger: Logger) {
    const url = incoming.url ?? '/'
    const mark = url.indexOf('?')
    this.method = incoming.method ?? 'GET'
    this.path = mark === -1 ? url : url.slice(0, mark)
    this.#search = mark === -1 ? '' : url.slice(mark + 1)
    this.headers = incoming.headers
    this.remoteAddress = incoming.socket.remoteAddress
    this.logger = logger
    this.id = createId(this.startedAt)
    this.requestId = acceptRequestId(incoming.headers['x-request-id']) ?? this.id
  }

  get protocol(): string {
    return this.protocolBinding?.id ?? ''
  }

  get model(): string {
    return this.peek?.model ?? ''
  }

  get stream(): boolean {
    return this.peek?.stream ?? false
  }

  /** The request as its protocol looks at it. */
  get call(): IncomingCall {
    return { operation: this.operation, body: this.body, params: this.params, query: this.query, headers: this.headers }
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#search)
    return this.#query
  }

  /** The query as it goes on to a provider: without keys, an empty string or beginning with `?`. */
  get forwardedQuery(): string {
    if (this.#search === '') return ''
    if (!this.#search.includes('key') && !this.#search.includes('%')) return `?${this.#search}`
    const query = new URLSearchParams(this.#search)
    if (!query.has('key')) return `?${this.#search}`
    query.delete('key')
    return query.size > 0 ? `?${query}` : ''
  }

  get conversation(): Conversation {
    if (!this.#conversation) {
      const protocol = this.protocolBinding as Protocol
      this.#conversation = protocol.decodeRequest(parseJsonObject(this.body), this.call)
    }
    return this.#conversation
  }

  /** What is to be embedded, for the operations `embed` and `embed-one`. */
  get embedding(): EmbeddingRequest {
    const codec = this.protocolBinding?.embeddings
    if (!codec) throw new GatewayError('TKL_OPERATION_UNSUPPORTED', `${this.protocol} has no embeddings.`)
    return codec.decodeRequest(parseJsonObject(this.body), this.call)
  }

  /** A hook's new conversation takes the place of the caller's. */
  rewrite(conversation: Conversation): void {
    // Whether the answer streams is the caller's to say: it is waiting for the one or the other.
    this.#conversation = conversation.stream === this.stream ? conversation : { ...conversation, stream: this.stream }
    this.rewritten = true
    if (this.peek && conversation.model !== this.peek.model) this.peek = { ...this.peek, model: conversation.model }
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.gone) this.#controller.abort(this.gone)
    }
    return this.#controller.signal
  }

  /** Called once when the request is given up: the caller has left, or the gateway is stopping. */
  onAbort: ((reason: GatewayError) => void) | undefined

  abort(reason: GatewayError): void {
    if (this.gone) return
    this.gone = reason
    this.#controller?.abort(reason)
    this.onAbort?.(reason)
  }

  /** Milliseconds since the request arrived. */
  get elapsed(): number {
    return performance.now() - this.arrived
  }
}
