import { type Block, type Conversation, type Json, type JsonObject, type Loss, LossSink, type ModelFacts, type Operation, type Turn } from 'tokligence'
import { decodeRequest as decode } from '../../../../plugins/protocol/gemini/request/decode-request.ts'
import { encodeRequest as encode } from '../../../../plugins/protocol/gemini/request/encode-request.ts'
import { refuseGeminiRequest } from '../../../support/gemini-request-rules.ts'

/** A call as the endpoints get it; `path` is what stands behind `/models/`. */
export function call(body: unknown, path = 'gemini-test:generateContent', operation: Operation = 'generate') {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return { operation, body: bytes, params: { '*': path }, query: new URLSearchParams(), headers: {} } as const
}

export function decodeRequest(body: unknown, path?: string, operation?: Operation): Conversation {
  return decode(JSON.parse(JSON.stringify(body)) as JsonObject, call(body, path, operation))
}

export function encodeRequest(conversation: Conversation, facts: ModelFacts = {}) {
  const losses = new LossSink()
  return { body: encode(conversation, { losses, facts }), losses: losses.losses }
}

/** A body decoded and encoded again, and what the encoder reported. */
export function roundTrip(body: unknown, path?: string, operation?: Operation) {
  const { body: again, losses } = encodeRequest(decodeRequest(body, path, operation))
  return { again, losses }
}

/** A conversation as another protocol leaves it. */
export function foreign(fields: Partial<Conversation> = {}): Conversation {
  return {
    model: 'gemini-test',
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
  readonly contents: readonly Json[]
  /** `path feature action severity` of each loss. */
  readonly lost: readonly string[]
  readonly losses: readonly Loss[]
}

export const secondGeneration: ModelFacts = { thinking: 'budget' }
export const thirdGeneration: ModelFacts = { thinking: 'effort', efforts: ['minimal', 'low', 'medium', 'high'] }

/** Encodes what came from another protocol; throws when the vendor would refuse the body. */
export function encodeForeign(fields: Partial<Conversation>, facts: ModelFacts = {}): Encoded {
  const { body, losses } = encodeRequest(foreign(fields), facts)
  const refusal = refuseGeminiRequest(body, facts.thinking === 'effort' ? 'gemini-3-test' : 'gemini-2.5-test')
  if (refusal !== undefined) throw new Error(refusal)
  const lost = losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`)
  return { body, contents: body.contents as readonly Json[], lost, losses }
}

export function text(value: string, rest: Partial<Block> = {}): Block {
  return { type: 'text', text: value, ...rest } as Block
}

export function turn(role: Turn['role'], ...blocks: Block[]): Turn {
  return { role, blocks, form: 'blocks' }
}

export function user(...blocks: Block[]): Turn {
  return turn('user', ...blocks)
}

export function assistant(...blocks: Block[]): Turn {
  return turn('assistant', ...blocks)
}

export function toolCall(id: string, name = 'get', argumentsText = '{}'): Block {
  return { type: 'tool-call', id, name, argumentsText, form: 'json', executedBy: 'client' }
}

export function result(callId: string, ...content: Block[]): Extract<Block, { type: 'tool-result' }> {
  return { type: 'tool-result', callId, content, form: 'blocks' }
}

export const image: Block = { type: 'media', kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } }
