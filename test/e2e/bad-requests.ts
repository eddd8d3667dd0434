import type { Fields } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'

/** What is wrong, the fields that stand in place of the right ones, and what the answer must name. */
export type BadFields = readonly [what: string, fields: Fields, named: RegExp]

/** Fields that a translation cannot read. */
export const unreadable: Readonly<Record<RecordedProtocol, readonly BadFields[]>> = {
  'openai-chat': [
    ['messages that are no list', { messages: 'Hi' }, /messages/],
    ['a message that is no object', { messages: ['Hi'] }, /messages\[0\]/],
    ['a role that is not there', { messages: [{ role: 'robot', content: 'Hi' }] }, /messages\[0\]\.role/],
    ['content of a wrong type', { messages: [{ role: 'user', content: 7 }] }, /messages\[0\]\.content/],
    ['tools that are no list', { tools: {} }, /tools/],
    ['a tool that is no object', { tools: ['x'] }, /tools\[0\]/],
    ['a temperature that is no number', { temperature: 'hot' }, /temperature/],
  ],
  'openai-responses': [
    ['input that is neither text nor a list', { input: 7 }, /input/],
    ['an item that is no object', { input: ['Hi'] }, /input\[0\]/],
    ['a role that is not there', { input: [{ role: 'robot', content: 'Hi' }] }, /input\[0\]\.role/],
    ['content of a wrong type', { input: [{ role: 'user', content: 7 }] }, /input\[0\]\.content/],
    ['a call without an id', { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }, /input\[0\]\.call_id/],
    ['tools that are no list', { tools: {} }, /tools/],
    ['a tool that is no object', { tools: ['x'] }, /tools\[0\]/],
    ['a temperature that is no number', { temperature: 'hot' }, /temperature/],
  ],
  'anthropic-messages': [
    ['messages that are no list', { messages: 'Hi' }, /messages/],
    ['a message that is no object', { messages: ['Hi'] }, /messages\[0\]/],
    ['a role that is not there', { messages: [{ role: 'robot', content: 'Hi' }] }, /messages\[0\]\.role/],
    ['content of a wrong type', { messages: [{ role: 'user', content: 7 }] }, /messages\[0\]\.content/],
    ['tools that are no list', { tools: {} }, /tools/],
    ['a tool that is no object', { tools: ['x'] }, /tools\[0\]/],
    ['a temperature that is no number', { temperature: 'hot' }, /temperature/],
  ],
  gemini: [
    ['contents that are neither a list nor a content', { contents: 'Hi' }, /contents/],
    ['a content that is no object', { contents: ['Hi'] }, /contents\[0\]/],
    ['a role that is not there', { contents: [{ role: 'robot', parts: [{ text: 'Hi' }] }] }, /contents\[0\]\.role/],
    ['parts of a wrong type', { contents: [{ role: 'user', parts: 7 }] }, /contents\[0\]\.parts/],
    ['a text that is no text', { contents: [{ role: 'user', parts: [{ text: 7 }] }] }, /contents\[0\]\.parts\[0\]\.text/],
    ['tools that are no list', { tools: 7 }, /tools/],
    ['a tool that is no object', { tools: ['x'] }, /tools\[0\]/],
    ['a temperature that is no number', { generationConfig: { temperature: 'hot' } }, /temperature/],
  ],
}

/** Fields that say where a request goes; Gemini has those in the address. */
export const unroutable: readonly BadFields[] = [
  ['no model', { model: undefined }, /model/],
  ['a model that is no text', { model: 7 }, /model/],
  ['an empty model', { model: '' }, /model/],
  ['a stream that is no boolean', { stream: 'yes' }, /stream/],
]

/** Bodies in which two readers could read two requests. */
export const ambiguous: Readonly<Record<RecordedProtocol, readonly string[]>> = {
  'openai-chat': [
    '{"model":"gpt-recorded","model":"claude-recorded","messages":[]}',
    '{"model":"m","stream":true,"stream":false}',
    '{"mod\\u0065l":"m","messages":[]}',
  ],
  'openai-responses': [
    '{"model":"gpt-recorded","model":"claude-recorded","input":[]}',
    '{"model":"m","stream":true,"stream":false}',
    '{"mod\\u0065l":"m","input":[]}',
  ],
  'anthropic-messages': [
    '{"model":"gpt-recorded","model":"claude-recorded","messages":[]}',
    '{"model":"m","stream":true,"stream":false}',
    '{"mod\\u0065l":"m","messages":[]}',
  ],
  gemini: ['{"model":"models/gpt-recorded","model":"models/claude-recorded","contents":[]}', '{"mod\\u0065l":"models/m","contents":[]}'],
}
