import { type Conversation, type JsonObject, LossSink, type Protocol, parseEvents } from 'tokligence'
import { ReplyAccumulator } from '../../core/conversation/accumulate.ts'
import { streamEvents } from '../../plugins/provider/loopback/stream-events.ts'
import { setUp } from '../plugins/set-up.ts'
import { type Fields, objects } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'
import { protocolPlugins } from './vendors.ts'

export type Speakers = Readonly<Record<string, Protocol>>

/** The protocols by their names. */
export async function speakers(): Promise<Speakers> {
  const all = await Promise.all(protocolPlugins().map((plugin) => setUp<Protocol>(plugin)))
  return Object.fromEntries(all.map((protocol) => [protocol.id, protocol]))
}

/**
 * A vendor's reply of thoughts, a text and a call, with opaque values that name the vendor. Chat completions have no thoughts; `hosts` that took them
 * over do, and hand them on unsigned.
 */
export function thoughtful(vendor: RecordedProtocol, number: number, hosts: boolean): JsonObject {
  const opaque = `${vendor}-opaque-${number}`
  const thought = `${vendor} thought ${number}`
  switch (vendor) {
    case 'openai-chat': {
      const call = { id: `call_${number}`, type: 'function', function: { name: 'look', arguments: '{}' } }
      const message = { role: 'assistant', ...(hosts && { reasoning_content: thought }), content: 'Hm.', tool_calls: [call] }
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
      return {
        id: `chatcmpl-${number}`,
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
        usage,
      }
    }
    case 'openai-responses': {
      const output = [
        { type: 'reasoning', id: `rs_${number}`, summary: [{ type: 'summary_text', text: thought }], encrypted_content: opaque },
        { type: 'reasoning', id: `rs_hidden_${number}`, summary: [], encrypted_content: `${opaque}-hidden` },
        { type: 'message', id: `msg_${number}`, role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Hm.', annotations: [] }] },
        { type: 'function_call', id: `fc_${number}`, call_id: `call_${number}`, name: 'look', arguments: '{}', status: 'completed' },
      ]
      const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
      return { id: `resp_${number}`, object: 'response', created_at: 1, status: 'completed', model: 'm', output, usage }
    }
    case 'anthropic-messages': {
      const content = [
        { type: 'thinking', thinking: thought, signature: opaque },
        { type: 'redacted_thinking', data: `${opaque}-hidden` },
        { type: 'text', text: 'Hm.' },
        { type: 'tool_use', id: `toolu_${number}`, name: 'look', input: {} },
      ]
      const usage = { input_tokens: 1, output_tokens: 1 }
      return { id: `msg_${number}`, type: 'message', role: 'assistant', model: 'm', content, stop_reason: 'tool_use', stop_sequence: null, usage }
    }
    case 'gemini': {
      const call = { functionCall: { name: 'look', args: {} }, thoughtSignature: Buffer.from(opaque).toString('base64') }
      const content = { role: 'model', parts: [{ text: thought, thought: true }, { text: 'Hm.' }, call] }
      const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }
      return { candidates: [{ content, finishReason: 'STOP', index: 0 }], usageMetadata, modelVersion: 'm', responseId: `r${number}` }
    }
  }
}

/** The same reply as its vendor streams it. */
export function streamed(protocol: Protocol, body: JsonObject): string {
  const reply = protocol.decodeReply(body)
  const options = { losses: new LossSink(), conversation: asked, estimatedInput: 1, replyId: 'r' }
  const encoder = protocol.createStreamEncoder(options)
  return [...streamEvents(reply)].map((event) => encoder.push(event)).join('')
}

/** A streamed reply as the whole one that it stands for. */
export function gathered(protocol: Protocol, text: string): Fields {
  const decoder = protocol.createStreamDecoder()
  const accumulator = new ReplyAccumulator()
  for (const event of parseEvents(text)) for (const each of decoder.push(event)) accumulator.push(each)
  for (const each of decoder.end()) accumulator.push(each)
  const options = { losses: new LossSink(), conversation: asked, estimatedInput: 1, replyId: 'r' }
  return protocol.encodeReply(accumulator.reply(), options) as Fields
}

/** What a caller adds to its history: the reply, untouched, and the result of its call. */
export function answerTo(caller: RecordedProtocol, reply: Fields): readonly Fields[] {
  switch (caller) {
    case 'openai-chat': {
      const [message = {}] = objects(reply.choices).map((choice) => choice.message as Fields)
      const [call] = objects(message.tool_calls)
      return [message, { role: 'tool', tool_call_id: call?.id, content: 'Seen.' }]
    }
    case 'openai-responses': {
      const output = objects(reply.output)
      const call = output.find(({ type }) => type === 'function_call')
      return [...output, { type: 'function_call_output', call_id: call?.call_id, output: 'Seen.' }]
    }
    case 'anthropic-messages': {
      const call = objects(reply.content).find(({ type }) => type === 'tool_use')
      return [
        { role: 'assistant', content: reply.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id, content: 'Seen.' }] },
      ]
    }
    case 'gemini': {
      const [content = {}] = objects(reply.candidates).map((candidate) => candidate.content as Fields)
      const call = objects(content.parts).find(({ functionCall }) => functionCall)?.functionCall as Fields
      const id = call.id === undefined ? {} : { id: call.id }
      return [content, { role: 'user', parts: [{ functionResponse: { ...id, name: call.name, response: { output: 'Seen.' } } }] }]
    }
  }
}

/** A request that asks for nothing in particular. */
export const asked: Conversation = {
  model: 'm',
  stream: true,
  instructions: [],
  instructionsForm: 'none',
  turns: [],
  tools: [],
  sampling: {},
  includeUsage: true,
}
