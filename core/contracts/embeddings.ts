import type { Extensions, Json, JsonObject, LossSink, Usage } from '../conversation/index.ts'
import type { IncomingCall } from './protocol.ts'

/** One thing to embed: a text, or its tokens in the tokenizer of the model. */
export type EmbeddingInput = string | readonly number[]

/** A request for vectors in the neutral form. */
export interface EmbeddingRequest {
  readonly model: string
  readonly inputs: readonly EmbeddingInput[]
  /** Length of the vectors; the model's own when absent. */
  readonly dimensions?: number
  /** How the caller wants numbers written. */
  readonly encoding: 'float' | 'base64'
  /** The caller gave one input outright, not a list of one. */
  readonly single: boolean
  readonly user?: string
  readonly ext?: Extensions
}

export interface EmbeddingReply {
  readonly model?: string
  /** In the order of the inputs. */
  readonly vectors: readonly (readonly number[])[]
  readonly usage?: Usage
}

/** How a protocol asks for and answers with vectors. All methods are pure. */
export interface EmbeddingCodec {
  /** Throws GatewayError `TKL_REQUEST_INVALID`. */
  decodeRequest(body: JsonObject, call: IncomingCall): EmbeddingRequest
  /** Always for the operation `embed`, whatever the caller's was. */
  encodeRequest(request: EmbeddingRequest, losses: LossSink): JsonObject
  /** Throws GatewayError `TKL_UPSTREAM_MALFORMED`. */
  decodeReply(body: Json): EmbeddingReply
  encodeReply(reply: EmbeddingReply, request: EmbeddingRequest, losses: LossSink): Json
}
