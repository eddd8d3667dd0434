import type { Fields } from '../support/json-fields.ts'
import { holds, type ProtocolName, type RequestFeature } from './feature.ts'

/** A 1 × 1 PNG. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const pdf = Buffer.from('%PDF-1.4 fidelity').toString('base64')
const wav = Buffer.from('RIFF fidelity').toString('base64')

function userParts(parts: Partial<Record<ProtocolName, Fields>>): RequestFeature['said'] {
  const { 'openai-chat': chat, 'openai-responses': responses, 'anthropic-messages': messages, gemini } = parts
  return {
    ...(chat && { 'openai-chat': { messages: [{ role: 'user', content: [{ type: 'text', text: 'Look' }, chat] }] } }),
    ...(responses && { 'openai-responses': { input: [{ role: 'user', content: [{ type: 'input_text', text: 'Look' }, responses] }] } }),
    ...(messages && { 'anthropic-messages': { messages: [{ role: 'user', content: [{ type: 'text', text: 'Look' }, messages] }] } }),
    ...(gemini && { gemini: { contents: [{ role: 'user', parts: [{ text: 'Look' }, gemini] }] } }),
  }
}

function everywhere(text: string): RequestFeature['heard'] {
  const heard = (body: Fields) => holds(body, text)
  return { 'openai-chat': heard, 'openai-responses': heard, 'anthropic-messages': heard, gemini: heard }
}

function inToolResult(parts: Partial<Record<ProtocolName, Fields>>): RequestFeature['said'] {
  const { 'openai-responses': responses, 'anthropic-messages': messages, gemini } = parts
  return {
    ...(responses && {
      'openai-responses': {
        input: [
          { role: 'user', content: 'Look' },
          { type: 'function_call', call_id: 'call_1', name: 'view', arguments: '{}' },
          { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_text', text: 'Here' }, responses] },
        ],
        tools: [{ type: 'function', name: 'view', parameters: { type: 'object', properties: {} }, strict: false }],
      },
    }),
    ...(messages && {
      'anthropic-messages': {
        messages: [
          { role: 'user', content: 'Look' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'view', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'text', text: 'Here' }, messages] }] },
        ],
        tools: [{ name: 'view', input_schema: { type: 'object', properties: {} } }],
      },
    }),
    ...(gemini && {
      gemini: {
        contents: [
          { role: 'user', parts: [{ text: 'Look' }] },
          { role: 'model', parts: [{ functionCall: { id: 'call_1', name: 'view', args: {} } }] },
          { role: 'user', parts: [{ functionResponse: { id: 'call_1', name: 'view', response: { output: 'Here' }, parts: [gemini] } }] },
        ],
        tools: [{ functionDeclarations: [{ name: 'view' }] }],
      },
    }),
  }
}

const image = {
  'openai-chat': { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
  'openai-responses': { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
  'anthropic-messages': { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
  gemini: { inlineData: { mimeType: 'image/png', data: png } },
}

const document = {
  'openai-chat': { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` } },
  'openai-responses': { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
  'anthropic-messages': { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } },
  gemini: { inlineData: { mimeType: 'application/pdf', data: pdf } },
}

export const mediaFeatures: readonly RequestFeature[] = [
  { name: 'image, base64', said: userParts(image), heard: everywhere(png) },
  {
    name: 'image, URL',
    said: userParts({
      'openai-chat': { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
      'openai-responses': { type: 'input_image', image_url: 'https://example.com/cat.png', detail: 'auto' },
      'anthropic-messages': { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
      gemini: { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/cat.png' } },
    }),
    heard: everywhere('https://example.com/cat.png'),
  },
  { name: 'PDF, base64', said: userParts(document), heard: everywhere(pdf) },
  {
    name: 'PDF, URL',
    said: userParts({
      'openai-responses': { type: 'input_file', file_url: 'https://example.com/a.pdf' },
      'anthropic-messages': { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
      gemini: { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/a.pdf' } },
    }),
    heard: everywhere('https://example.com/a.pdf'),
  },
  {
    name: 'document, plain text',
    said: userParts({ 'anthropic-messages': { type: 'document', title: 'Notes', source: { type: 'text', media_type: 'text/plain', data: 'WRITTEN DOWN' } } }),
    heard: everywhere('WRITTEN DOWN'),
  },
  {
    name: 'audio',
    said: userParts({
      'openai-chat': { type: 'input_audio', input_audio: { data: wav, format: 'wav' } },
      gemini: { inlineData: { mimeType: 'audio/wav', data: wav } },
    }),
    heard: everywhere(wav),
  },
  { name: 'video', said: userParts({ gemini: { inlineData: { mimeType: 'video/mp4', data: wav } } }), heard: everywhere(wav) },
  { name: 'image in a tool result', said: inToolResult(image), heard: everywhere(png) },
  { name: 'PDF in a tool result', said: inToolResult(document), heard: everywhere(pdf) },
]
