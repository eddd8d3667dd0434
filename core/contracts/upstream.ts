import type { Loss } from '../conversation/index.ts'

/** One HTTP request to a provider, ready to be sent. Readonly: a plugin that changes it returns a new one. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Scheme, host and port, such as `https://api.example.com`. */
  readonly origin: string
  /** Path with query. */
  readonly path: string
  /** Alternating names and values, as undici takes them. Holds credentials: never log it. */
  readonly headers: readonly string[]
  readonly body: Buffer | string | null
  readonly timeouts: UpstreamTimeouts
  /** Extra certificate authorities, PEM. */
  readonly ca?: string
  /** What a plugin that changed the request (`modifyUpstream`) could not carry over: it stands with the losses of the attempt. */
  readonly losses?: readonly Loss[]
}

/** Milliseconds; 0 switches one off. */
export interface UpstreamTimeouts {
  readonly connect: number
  /** From sending until the answer's head is there. */
  readonly firstByte: number
  /** Between two pieces of the body. */
  readonly idle: number
}

/** Receives one upstream answer. After `onEnd` or `onError` nothing follows. */
export interface UpstreamHandler {
  /** `headers` are lower-cased; a repeated header is an array. */
  onHead(status: number, headers: Readonly<Record<string, string | string[]>>): void
  /** Answers false to be sent no more until `UpstreamControl.resume()`. */
  onData(chunk: Buffer): boolean
  onEnd(): void
  onError(error: Error): void
}

export interface UpstreamControl {
  /** True from when the request is being written to the provider; stays false when there was no connection. Absent is true. */
  readonly sent?: boolean
  /** Ends the exchange; `onError` follows if the answer was not over. */
  abort(reason: Error): void
  resume(): void
}

/** Sends one request. Never throws: failures arrive at `onError`. */
export type Exchange = (request: UpstreamRequest, handler: UpstreamHandler) => UpstreamControl
