import type { Fields } from '../support/json-fields.ts'
import { at, holds, type ProtocolName, type ReplyFeature } from './feature.ts'

export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** A whole reply of a protocol that holds something, with a finish and usage. */
export function reply(protocol: ProtocolName, content: unknown, more: Fields = {}): Fields {
  switch (protocol) {
    case 'openai-chat':
      return {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [
          { index: 0, message: { role: 'assistant', content: null, refusal: null, ...(content as Fields) }, logprobs: null, finish_reason: 'stop', ...more },
        ],
        usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 },
      }
    case 'openai-responses':
      return {
        id: 'resp_1',
        object: 'response',
        created_at: 1,
        status: 'completed',
        model: 'm',
        output: content,
        error: null,
        incomplete_details: null,
        instructions: null,
        metadata: {},
        parallel_tool_calls: true,
        temperature: 1,
        tool_choice: 'auto',
        tools: [],
        top_p: 1,
        usage: {
          input_tokens: 9,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: 5,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 14,
        },
        ...more,
      }
    case 'anthropic-messages':
      return {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content,
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 9, output_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
        ...more,
      }
    case 'gemini':
      return {
        candidates: [{ index: 0, content: { role: 'model', parts: content }, finishReason: 'STOP', ...more }],
        usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 5, totalTokenCount: 14 },
        modelVersion: 'm',
        responseId: 'r1',
      }
  }
}

export const message = (text: string, more: Fields = {}) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], ...more }],
})

export const everywhere = (text: string): ReplyFeature['heard'] => {
  const heard = (body: Fields) => holds(body, text)
  return { 'openai-chat': heard, 'openai-responses': heard, 'anthropic-messages': heard, gemini: heard }
}

/** A seal of the gateway in the slot that the protocol has for one. */
export const sealed: ReplyFeature['heard'] = {
  'openai-chat': (body) => holds(at(body, 'choices.0.message.reasoning_details'), 'tkl1.'),
  'openai-responses': (body) => (body.output as Fields[]).some((item) => String(item.encrypted_content).startsWith('tkl1.')),
  'anthropic-messages': (body) => (body.content as Fields[]).some((block) => String(block.signature ?? block.data).startsWith('tkl1.')),
  // Bytes in base64, whose readers would refuse anything else.
  gemini: (body) => holds(at(body, 'candidates.0.content.parts'), 'dGtsMS'),
}

/** The reason why the reply ended, in each protocol's word. */
export function finish(chat: string, responses: string, messages: string, gemini: string): ReplyFeature['heard'] {
  return {
    'openai-chat': (body) => at(body, 'choices.0.finish_reason') === chat,
    'openai-responses': (body) => (responses === 'completed' ? body.status === 'completed' : at(body, 'incomplete_details.reason') === responses),
    'anthropic-messages': (body) => body.stop_reason === messages,
    gemini: (body) => at(body, 'candidates.0.finishReason') === gemini,
  }
}
