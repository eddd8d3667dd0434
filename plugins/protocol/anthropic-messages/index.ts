import { definePlugin, type Protocol, type ProtocolRoute } from 'tokligence'
import { z } from 'zod'
import { decodeReply, summarize } from './reply/decode-reply.ts'
import { encodeReply } from './reply/encode-reply.ts'
import { decodeRequest } from './request/decode-request.ts'
import { encodeRequest } from './request/encode-request.ts'
import { patchRequest, peek } from './request/route-request.ts'
import { tokenCount } from './request/token-count.ts'
import { MessageRelay } from './stream/relay.ts'
import { MessageStreamDecoder } from './stream/stream-decoder.ts'
import { MessageStreamEncoder } from './stream/stream-encoder.ts'
import { protocolId } from './wire/extensions.ts'
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
  encodeError,
  encodeStreamError,
  ping: 'event: ping\ndata: {"type": "ping"}\n\n',
  tokenCount,
}

export const anthropicMessages = definePlugin({
  kind: 'protocol',
  name: 'anthropic-messages',
  apiVersion: 1,
  description: 'Speaks Anthropic’s Messages protocol, to callers and to providers.',
  options: z.strictObject({}),
  setup: () => protocol,
})

export default anthropicMessages
