import { definePlugin, type Protocol, type ProtocolRoute } from 'tokligence'
import { z } from 'zod'
import { addHelloRoutes } from './hello-routes.ts'
import { addModelRoutes } from './model-routes.ts'
import { decodeReply, summarize } from './reply/decode-reply.ts'
import { encodeReply } from './reply/encode-reply.ts'
import { decodeRequest } from './request/decode-request.ts'
import { encodeRequest } from './request/encode-request.ts'
import { promptParts } from './request/prompt-parts.ts'
import { patchRequest, peek } from './request/route-request.ts'
import { settle } from './request/settle.ts'
import { tokenCount } from './request/token-count.ts'
import { MessageRelay } from './stream/relay.ts'
import { MessageStreamDecoder } from './stream/stream-decoder.ts'
import { MessageStreamEncoder } from './stream/stream-encoder.ts'
import { protocolId } from './wire/extensions.ts'
import { refusesSealed, sealedMembers } from './wire/refused-seal.ts'
import { decodeError, encodeError, encodeStreamError } from './wire/wire-error.ts'

const routes: readonly ProtocolRoute[] = ['', '/anthropic'].flatMap((prefix): ProtocolRoute[] => [
  { method: 'POST', path: `${prefix}/v1/messages`, operation: 'generate' },
  { method: 'POST', path: `${prefix}/v1/messages/count_tokens`, operation: 'count-tokens' },
])

const protocol: Protocol = {
  id: protocolId,
  routes,
  peek,
  patchRequest,
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  createStreamDecoder: () => new MessageStreamDecoder(),
  createStreamEncoder: (options) => new MessageStreamEncoder(options),
  createRelay: () => new MessageRelay(),
  summarize,
  decodeError,
  refusesSealed,
  sealedMembers,
  encodeError,
  encodeStreamError,
  ping: 'event: ping\ndata: {"type": "ping"}\n\n',
  tokenCount,
  // APIError.requestID in @anthropic-ai/sdk 1.12.0.
  requestIdHeader: 'request-id',
  signsThoughts: true,
  // "tools.17.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'" is the provider's answer to any other.
  tools: { name: /^[a-zA-Z0-9_-]+$/, longestName: 128, namespaces: false, freeform: 'never' },
  settle,
  promptParts,
}

export const anthropicMessages = definePlugin({
  kind: 'protocol',
  name: 'anthropic-messages',
  apiVersion: 1,
  description: 'Speaks Anthropic’s Messages protocol, to callers and to providers.',
  options: z.strictObject({}),
  setup: (api) => {
    addModelRoutes(api)
    addHelloRoutes(api)
    return protocol
  },
})

export default anthropicMessages
