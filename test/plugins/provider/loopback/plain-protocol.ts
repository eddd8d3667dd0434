import { type Conversation, formatEvent, GatewayError, type JsonObject, type Protocol, type Reply, type ReplyEvent, type WireError } from 'tokligence'

/** A protocol whose wire form is the neutral form itself, as far as the loopback provider needs one. */
export const plainProtocol = {
  id: 'plain',
  routes: [],
  decodeRequest: (body: JsonObject) => {
    if (!Array.isArray(body.turns)) throw new GatewayError('TKL_REQUEST_INVALID', 'turns: must be a list', { param: 'turns' })
    return body as unknown as Conversation
  },
  encodeReply: (reply: Reply) => ({ reply }),
  createStreamEncoder: () => ({ push: (event: ReplyEvent) => formatEvent(JSON.stringify(event)) }),
  encodeError: (error: WireError, requestId: string) => ({ error, requestId }),
  tokenCount: { request: (body: JsonObject) => body, read: () => undefined, write: (tokens: number) => ({ tokens }) },
} as unknown as Protocol

export function conversation(text: string, changes: Partial<Conversation> = {}): Conversation {
  return {
    model: 'loopback',
    stream: false,
    instructions: [],
    instructionsForm: 'none',
    turns: [{ role: 'user', form: 'text', blocks: [{ type: 'text', text }] }],
    tools: [],
    sampling: {},
    ...changes,
  }
}
