import type { Protocol } from 'tokligence'
import { embeddingCodec } from './embeddings/embedding-codec.ts'
import { decodeError } from './failure/decode-error.ts'
import { encodeError, encodeStreamError } from './failure/encode-error.ts'
import { decodeReply } from './reply/decode-reply.ts'
import { encodeReply } from './reply/encode-reply.ts'
import { summarize } from './reply/summarize.ts'
import { decodeRequest } from './request/decode-request.ts'
import { encodeRequest } from './request/encode-request.ts'
import { patchRequest, peekRequest } from './request/peek-request.ts'
import { ChatRelay } from './stream/relay.ts'
import { ChatStreamDecoder } from './stream/stream-decoder.ts'
import { ChatStreamEncoder } from './stream/stream-encoder.ts'
import { protocolId } from './wire/wire-memo.ts'

const path = '/v1/chat/completions'

export const chatProtocol: Protocol = {
  id: protocolId,
  routes: [
    { method: 'POST', path, operation: 'generate' },
    { method: 'POST', path: '/v1/embeddings', operation: 'embed' },
  ],
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
  encodeError,
  encodeStreamError,
  // A comment: the protocol has no event for it.
  ping: ': ping\n\n',
  embeddings: embeddingCodec,
  example: (model) => ({ method: 'POST', path, body: { model, stream: true, messages: [{ role: 'user', content: 'Say hello.' }] } }),
}
