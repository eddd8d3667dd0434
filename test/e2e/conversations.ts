import type { Fields } from '../support/json-fields.ts'
import type { PathProtocol } from './two-vendors.ts'

/** A 1 × 1 PNG. */
export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** One thing to say, written in either protocol. */
export type Conversations = Readonly<Record<PathProtocol, Fields>>

const parameters = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Where – “naïve” names too' } },
  required: ['city'],
  additionalProperties: false,
}
const filesParameters = { type: 'object', properties: {} }
const tools: Readonly<Record<PathProtocol, unknown>> = {
  'openai-chat': [
    { type: 'function', function: { name: 'get_weather', description: 'Tells the weather.', parameters } },
    { type: 'function', function: { name: 'list_files', description: 'Lists files.', parameters: filesParameters } },
  ],
  'anthropic-messages': [
    { name: 'get_weather', description: 'Tells the weather.', input_schema: parameters },
    { name: 'list_files', description: 'Lists files.', input_schema: filesParameters },
  ],
}

export const plainText: Conversations = {
  'openai-chat': { messages: [{ role: 'user', content: 'Greet me in “Zürich”.' }], max_completion_tokens: 500 },
  'anthropic-messages': { messages: [{ role: 'user', content: 'Greet me in “Zürich”.' }], max_tokens: 500 },
}

export const askWeather: Conversations = {
  'openai-chat': { messages: [{ role: 'user', content: 'Weather and files?' }], tools: tools['openai-chat'], tool_choice: 'auto' },
  'anthropic-messages': {
    messages: [{ role: 'user', content: 'Weather and files?' }],
    max_tokens: 500,
    tools: tools['anthropic-messages'],
    tool_choice: { type: 'auto' },
  },
}

const said = 'I will look at both.'

/** The second request of a round with two parallel calls: the results come back, one of them as an error, and the user adds a word. */
export const answerWeather: Conversations = {
  'openai-chat': {
    ...askWeather['openai-chat'],
    messages: [
      { role: 'user', content: 'Weather and files?' },
      {
        role: 'assistant',
        content: said,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city": "Bern"}' } },
          { id: 'call_2', type: 'function', function: { name: 'list_files', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '12 °C' },
      { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'a.txt' }] },
      { role: 'user', content: 'Go on.' },
    ],
  },
  'anthropic-messages': {
    ...askWeather['anthropic-messages'],
    messages: [
      { role: 'user', content: 'Weather and files?' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: said },
          { type: 'tool_use', id: 'call_1', name: 'get_weather', input: { city: 'Bern' } },
          { type: 'tool_use', id: 'call_2', name: 'list_files', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: '12 °C' },
          { type: 'tool_result', tool_use_id: 'call_2', content: [{ type: 'text', text: 'a.txt' }] },
          { type: 'text', text: 'Go on.' },
        ],
      },
    ],
  },
}

export const withImage: Conversations = {
  'openai-chat': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.jpg' } },
        ],
      },
    ],
  },
  'anthropic-messages': {
    max_tokens: 500,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/cat.jpg' } },
        ],
      },
    ],
  },
}

/** System text as a list of parts, and once more in the middle of the conversation. */
export const arraySystem: Conversations = {
  'openai-chat': {
    messages: [
      {
        role: 'system',
        content: [
          { type: 'text', text: 'You are terse.' },
          { type: 'text', text: 'You speak German.' },
        ],
      },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hallo.' },
      { role: 'developer', content: 'It is Monday.' },
      { role: 'user', content: 'Which day is it?' },
    ],
  },
  'anthropic-messages': {
    max_tokens: 500,
    system: [
      { type: 'text', text: 'You are terse.', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'You speak German.' },
    ],
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hallo.' },
      { role: 'system', content: 'It is Monday.' },
      { role: 'user', content: 'Which day is it?' },
    ],
  },
}
