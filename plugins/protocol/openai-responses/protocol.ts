import type { Protocol } from 'tokligence'
import { decodeError } from '../openai-chat/failure/decode-error.ts'
import { refusesSealed } from '../openai-chat/failure/refused-seal.ts'
import { encodeError } from './failure.ts'
import { decodeReply } from './reply/decode-reply.ts'
import { encodeReply } from './reply/encode-reply.ts'
import { summarize } from './reply/summarize.ts'
import { decodeRequest } from './request/decode-request.ts'
import { encodeRequest } from './request/encode-request.ts'
import { patchRequest, peekRequest } from './request/peek-request.ts'
import { promptParts } from './request/prompt-parts.ts'
import { settle } from './request/settle.ts'
import { tokenCount } from './request/token-count.ts'
import { ResponsesRelay } from './stream/relay.ts'
import { ResponsesStreamDecoder } from './stream/stream-decoder.ts'
import { ResponsesStreamEncoder } from './stream/stream-encoder.ts'
import { encodeStreamError } from './stream/stream-error.ts'
import { protocolId } from './wire/wire-memo.ts'

const path = '/v1/responses'

export const responsesProtocol: Protocol = {
  id: protocolId,
  routes: [
    { method: 'POST', path, operation: 'generate' },
    // openai 6.49.0, resources/responses/input-tokens.
    { method: 'POST', path: `${path}/input_tokens`, operation: 'count-tokens' },
    // openai 6.49.0, Responses.compact. Only the vendor can: agents that ask every provider send `compaction_trigger`.
    { method: 'POST', path: `${path}/compact`, operation: 'compact' },
  ],
  peek: peekRequest,
  patchRequest,
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  createStreamDecoder: () => new ResponsesStreamDecoder(),
  createStreamEncoder: (options) => new ResponsesStreamEncoder(options),
  createRelay: () => new ResponsesRelay(),
  summarize,
  decodeError,
  refusesSealed,
  sealedMembers: ['encrypted_content'],
  encodeError,
  encodeStreamError,
  // A comment: the protocol has no event for it.
  ping: ': ping\n\n',
  tokenCount,
  settle,
  promptParts,
  signsThoughts: true,
  // The pattern: openai/codex pull request 8694; the length: what its vendor’s clients are refused for (can1357/oh-my-pi pull request 9131).
  tools: { name: /^[a-zA-Z0-9_-]+$/, longestName: 64, namespaces: true, freeform: 'by-model' },
  example: (model) => ({ method: 'POST', path, body: { model, stream: true, input: 'Say hello.' } }),
}
