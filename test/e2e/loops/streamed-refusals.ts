import { formatEvent, type JsonObject } from 'tokligence'
import type { CapturedRequest, ScriptedReply } from 'tokligence/testing'
import type { RecordedProtocol } from '../../support/recordings.ts'
import { sealedRefusals } from './vendor-refusals.ts'

const begun = { id: 'resp_0', object: 'response', created_at: 1, status: 'in_progress', model: 'm', output: [] }
const message = { id: 'msg_0', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null }
const chunk = (choice: JsonObject) => ({ id: 'gen-0', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, ...choice }] })

/** What comes of a stream before anything is said. */
export const streamStarts: Readonly<Record<RecordedProtocol, readonly string[]>> = {
  'openai-chat': [': OPENROUTER PROCESSING\n\n', formatEvent(JSON.stringify(chunk({ delta: { role: 'assistant', content: '' }, finish_reason: null })))],
  'openai-responses': [formatEvent(JSON.stringify({ type: 'response.created', sequence_number: 0, response: begun }), 'response.created')],
  'anthropic-messages': [
    formatEvent(JSON.stringify({ type: 'message_start', message: { ...message, usage: { input_tokens: 0, output_tokens: 0 } } }), 'message_start'),
    formatEvent('{"type":"ping"}', 'ping'),
  ],
  gemini: [],
}

const part = { output_index: 0, content_index: 0, item_id: 'msg_0' }

/** The first content of a stream. */
export const streamContents: Readonly<Record<RecordedProtocol, string>> = {
  'openai-chat': formatEvent(JSON.stringify(chunk({ delta: { content: 'Hi' }, finish_reason: null }))),
  'openai-responses': formatEvent(
    JSON.stringify({ type: 'response.output_text.delta', sequence_number: 1, ...part, delta: 'Hi' }),
    'response.output_text.delta',
  ),
  'anthropic-messages':
    formatEvent('{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}', 'content_block_start') +
    formatEvent('{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}', 'content_block_delta'),
  gemini: formatEvent('{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"index":0}]}'),
}

/** An error inside of a stream: beside a choice without content, as OpenRouter tells it; in the last response; as an event. */
export const streamErrors: Readonly<Record<RecordedProtocol, (error: JsonObject) => string>> = {
  'openai-chat': (error) => formatEvent(JSON.stringify({ ...chunk({ delta: { content: '' }, finish_reason: 'error' }), error })),
  'openai-responses': ({ code = 'server_error', message: words = '' }) => {
    const response = { ...begun, status: 'failed', error: { code, message: words } }
    return formatEvent(JSON.stringify({ type: 'response.failed', sequence_number: 1, response }), 'response.failed')
  },
  'anthropic-messages': (error) => formatEvent(JSON.stringify({ type: 'error', error }), 'error'),
  gemini: (error) => formatEvent(JSON.stringify({ error })),
}

/** The refusal of an opaque value inside of a stream. */
export function streamedRefusal(protocol: RecordedProtocol): string {
  const { error } = sealedRefusals[protocol] as { readonly error: JsonObject }
  return streamErrors[protocol](error)
}

/** A vendor that says in a stream with status 200 what `answer` says by a status: that it does not take an opaque value. */
export function refusingInStream(protocol: RecordedProtocol, answer: (request: CapturedRequest) => ScriptedReply, delay: number) {
  return (request: CapturedRequest): ScriptedReply => {
    const reply = answer(request)
    if (reply.body !== sealedRefusals[protocol]) return reply
    const events = [...streamStarts[protocol], streamedRefusal(protocol)]
    return { headers: { 'content-type': 'text/event-stream' }, pieces: delay === 0 ? [events.join('')] : events, delay }
  }
}
