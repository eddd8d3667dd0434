import { type Block, type Conversation, type Json, type JsonObject, type Loss, LossSink, type ModelFacts, type Turn } from 'tokligence'
import { refuseChatRequest } from '../../../support/openai-chat-request-rules.ts'
import { protocol } from './subject.ts'

/** A conversation as another protocol leaves it. */
export function foreign(fields: Partial<Conversation> = {}): Conversation {
  return {
    model: 'gpt-test',
    stream: false,
    instructions: [],
    instructionsForm: 'none',
    turns: [user(text('Hello'))],
    tools: [],
    sampling: {},
    ext: { 'other-protocol': {} },
    ...fields,
  }
}

export interface Encoded {
  readonly body: JsonObject
  readonly messages: readonly Json[]
  /** `path feature action severity` of each loss. */
  readonly lost: readonly string[]
  readonly losses: readonly Loss[]
}

/** Encodes what came from another protocol; throws when the vendor would refuse the body. */
export function encodeForeign(fields: Partial<Conversation>, facts: ModelFacts = {}): Encoded {
  const sink = new LossSink()
  const body = protocol.encodeRequest(foreign(fields), { losses: sink, facts })
  const refusal = refuseChatRequest(body)
  if (refusal !== undefined) throw new Error(refusal)
  const lost = sink.losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`)
  return { body, messages: body.messages as readonly Json[], lost, losses: sink.losses }
}

export function text(value: string, rest: Partial<Block> = {}): Block {
  return { type: 'text', text: value, ...rest } as Block
}

export function user(...blocks: Block[]): Turn {
  return { role: 'user', blocks, form: 'blocks' }
}

export function assistant(...blocks: Block[]): Turn {
  return { role: 'assistant', blocks, form: 'blocks' }
}

export function toolCall(id: string, name = 'get', argumentsText = '{}'): Block {
  return { type: 'tool-call', id, name, argumentsText, form: 'json', executedBy: 'client' }
}

export function result(callId: string, ...content: Block[]): Extract<Block, { type: 'tool-result' }> {
  return { type: 'tool-result', callId, content, form: 'blocks' }
}

export const image: Block = { type: 'media', kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } }
