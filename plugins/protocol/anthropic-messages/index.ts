import { definePlugin, type Protocol, type ProtocolRoute } from 'tokligence'
import { z } from 'zod'
import { decodeReply, summarize } from './decode-reply.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeReply } from './encode-reply.ts'
import { encodeRequest } from './encode-request.ts'
import { protocolId } from './extensions.ts'
import { MessageRelay } from './relay.ts'
import { patchRequest, peek } from './route-request.ts'
import { MessageStreamDecoder } from './stream-decoder.ts'
import { MessageStreamEncoder } from './stream-encoder.ts'
import { decodeError, encodeError, encodeStreamError } from './wire-error.ts'

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
  encodeTokenCount: (inputTokens) => ({ input_tokens: inputTokens }),
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
