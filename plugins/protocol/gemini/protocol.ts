import type { Operation, Protocol, ProtocolRoute } from 'tokligence'
import { embeddings } from './embeddings/embedding-codec.ts'
import { decodeError } from './failure/decode-error.ts'
import { encodeError, encodeStreamError } from './failure/encode-error.ts'
import { refusesSealed, sealedMembers } from './failure/refused-seal.ts'
import { framing } from './framing.ts'
import { decodeReply } from './reply/decode-reply.ts'
import { encodeReply } from './reply/encode-reply.ts'
import { summarize } from './reply/summarize.ts'
import { decodeRequest } from './request/decode-request.ts'
import { encodeRequest } from './request/encode-request.ts'
import { versions } from './request/model-path.ts'
import { patchRequest, peekRequest } from './request/peek-request.ts'
import { promptParts } from './request/prompt-parts.ts'
import { settle } from './request/settle.ts'
import { tokenCount } from './request/token-count.ts'
import { ContentsRelay } from './stream/relay.ts'
import { ContentsStreamDecoder } from './stream/stream-decoder.ts'
import { ContentsStreamEncoder, ping } from './stream/stream-encoder.ts'
import { protocolId } from './wire/wire-memo.ts'

/** What stands behind the model's name, and what it does. */
const methods: readonly (readonly [method: string, operation: Operation])[] = [
  ['generateContent', 'generate'],
  ['streamGenerateContent', 'generate'],
  ['countTokens', 'count-tokens'],
  ['batchEmbedContents', 'embed'],
  ['embedContent', 'embed-one'],
]

/** Tuned models are a collection of their own, which is part of their names. */
const paths = ['models', ':collection(^tunedModels$)'].flatMap((collection) => versions.map((version) => `/${version}/${collection}/*`))

const routes: readonly ProtocolRoute[] = paths.flatMap((path) =>
  methods.map(([method, operation]): ProtocolRoute => {
    const suffix = `:${method}`
    return { method: 'POST', path, operation, claims: (_headers, _query, params) => params['*']?.endsWith(suffix) === true }
  }),
)

export const contentsProtocol: Protocol = {
  id: protocolId,
  routes,
  peek: peekRequest,
  patchRequest,
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  signsCalls: true,
  createStreamDecoder: () => new ContentsStreamDecoder(),
  createStreamEncoder: (options) => new ContentsStreamEncoder(options),
  createRelay: () => new ContentsRelay(),
  summarize,
  decodeError,
  refusesSealed,
  sealedMembers,
  encodeError,
  encodeStreamError,
  ping,
  tokenCount,
  embeddings,
  /**
   * What the API answers to another name: "Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or contain underscores (_), dots (.), colons
   * (:), or dashes (-), with a maximum length of 64" (github.com/kaitranntt/ccs/issues/25). @google/genai 3.1.0 says 128.
   */
  tools: { name: /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/, longestName: 64, namespaces: false, freeform: 'never' },
  settle,
  promptParts,
  framing,
  example: (model) => ({
    method: 'POST',
    path: `/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`,
    body: { contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }] },
  }),
}
