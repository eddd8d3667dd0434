import type { Protocol, ProtocolRoute } from 'tokligence'
import { embeddingCodec } from './embeddings/embedding-codec.ts'
import { decodeError } from './failure/decode-error.ts'
import { encodeError, encodeStreamError } from './failure/encode-error.ts'
import { refusesSealed, sealedMembers } from './failure/refused-seal.ts'
import { decodeReply } from './reply/decode-reply.ts'
import { encodeReply } from './reply/encode-reply.ts'
import { summarize } from './reply/summarize.ts'
import { decodeRequest } from './request/decode-request.ts'
import { encodeRequest } from './request/encode-request.ts'
import { patchRequest, peekRequest } from './request/peek-request.ts'
import { promptParts } from './request/prompt-parts.ts'
import { settle } from './request/settle.ts'
import { ChatRelay } from './stream/relay.ts'
import { ChatStreamDecoder } from './stream/stream-decoder.ts'
import { ChatStreamEncoder } from './stream/stream-encoder.ts'
import { endpointBases } from './wire/endpoint-bases.ts'
import { protocolId } from './wire/wire-memo.ts'

export const chatProtocol: Protocol = {
  id: protocolId,
  routes: endpointBases.flatMap((base): ProtocolRoute[] => [
    { method: 'POST', path: `${base}/chat/completions`, operation: 'generate' },
    { method: 'POST', path: `${base}/embeddings`, operation: 'embed' },
  ]),
  peek: peekRequest,
  patchRequest,
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  createStreamDecoder: () => new ChatStreamDecoder(),
  createStreamEncoder: (options) => new ChatStreamEncoder(options),
  createRelay: (options) => new ChatRelay(options),
  summarize,
  decodeError,
  refusesSealed,
  sealedMembers,
  encodeError,
  encodeStreamError,
  // A comment: the protocol has no event for it.
  ping: ': ping\n\n',
  // "Unknown parameter: 'messages[1].reasoning_content'." is the vendor's answer to any, and hosts that show their own mean nothing by others'.
  signsThoughts: true,
  // openai 6.49.0, FunctionDefinition.name: letters, digits, underscores and dashes, "with a maximum length of 64".
  tools: { name: /^[a-zA-Z0-9_-]+$/, longestName: 64, namespaces: false, freeform: 'by-model' },
  settle,
  promptParts,
  embeddings: embeddingCodec,
  example: (model) => ({ method: 'POST', path: '/v1/chat/completions', body: { model, stream: true, messages: [{ role: 'user', content: 'Say hello.' }] } }),
}
