import type { Fields } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'

/** A 1 × 1 PNG. */
export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** One thing to say, written in each protocol. */
export type Conversations = Readonly<Record<RecordedProtocol, Fields>>

const parameters = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Where – “naïve” names too' } },
  required: ['city'],
  additionalProperties: false,
}
const filesParameters = { type: 'object', properties: {} }
const weather = { name: 'get_weather', description: 'Tells the weather.' }
const files = { name: 'list_files', description: 'Lists files.' }

const tools: Readonly<Record<RecordedProtocol, Fields>> = {
  'openai-chat': {
    tools: [
      { type: 'function', function: { ...weather, parameters } },
      { type: 'function', function: { ...files, parameters: filesParameters } },
    ],
    tool_choice: 'auto',
  },
  'openai-responses': {
    tools: [
      { type: 'function', ...weather, parameters, strict: false },
      { type: 'function', ...files, parameters: filesParameters, strict: false },
    ],
    tool_choice: 'auto',
  },
  'anthropic-messages': {
    tools: [
      { ...weather, input_schema: parameters },
      { ...files, input_schema: filesParameters },
    ],
    tool_choice: { type: 'auto' },
  },
  gemini: {
    tools: [
      {
        functionDeclarations: [
          { ...weather, parametersJsonSchema: parameters },
          { ...files, parametersJsonSchema: filesParameters },
        ],
      },
    ],
    toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
  },
}

const greeting = 'Greet me in “Zürich”.'

export const plainText: Conversations = {
  'openai-chat': { messages: [{ role: 'user', content: greeting }], max_completion_tokens: 500 },
  'openai-responses': { input: greeting, max_output_tokens: 500 },
  'anthropic-messages': { messages: [{ role: 'user', content: greeting }], max_tokens: 500 },
  gemini: { contents: [{ role: 'user', parts: [{ text: greeting }] }], generationConfig: { maxOutputTokens: 500 } },
}

const asked = 'Weather and files?'

export const askWeather: Conversations = {
  'openai-chat': { messages: [{ role: 'user', content: asked }], ...tools['openai-chat'] },
  'openai-responses': { input: [{ role: 'user', content: asked }], ...tools['openai-responses'] },
  'anthropic-messages': { messages: [{ role: 'user', content: asked }], max_tokens: 500, ...tools['anthropic-messages'] },
  gemini: { contents: [{ role: 'user', parts: [{ text: asked }] }], ...tools.gemini },
}

const said = 'I will look at both.'
const more = 'Go on.'

/** The second request of a round with two parallel calls: the results come back, and the user adds a word. */
export const answerWeather: Conversations = {
  'openai-chat': {
    ...tools['openai-chat'],
    messages: [
      { role: 'user', content: asked },
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
      { role: 'user', content: more },
    ],
  },
  'openai-responses': {
    ...tools['openai-responses'],
    input: [
      { role: 'user', content: asked },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: said, annotations: [] }] },
      { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city": "Bern"}' },
      { type: 'function_call', call_id: 'call_2', name: 'list_files', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: '12 °C' },
      { type: 'function_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: 'a.txt' }] },
      { role: 'user', content: [{ type: 'input_text', text: more }] },
    ],
  },
  'anthropic-messages': {
    ...tools['anthropic-messages'],
    max_tokens: 500,
    messages: [
      { role: 'user', content: asked },
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
          { type: 'text', text: more },
        ],
      },
    ],
  },
  gemini: {
    ...tools.gemini,
    contents: [
      { role: 'user', parts: [{ text: asked }] },
      {
        role: 'model',
        parts: [
          { text: said },
          { functionCall: { id: 'call_1', name: 'get_weather', args: { city: 'Bern' } } },
          { functionCall: { id: 'call_2', name: 'list_files', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'call_1', name: 'get_weather', response: { output: '12 °C' } } },
          { functionResponse: { id: 'call_2', name: 'list_files', response: { output: 'a.txt' } } },
        ],
      },
      { role: 'user', parts: [{ text: more }] },
    ],
  },
}

const whatIsThis = 'What is this?'
const address = 'https://example.com/cat.jpg'

export const withImage: Conversations = {
  'openai-chat': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: whatIsThis },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
          { type: 'image_url', image_url: { url: address } },
        ],
      },
    ],
  },
  'openai-responses': {
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: whatIsThis },
          { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, detail: 'auto' },
          { type: 'input_image', image_url: address, detail: 'auto' },
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
          { type: 'text', text: whatIsThis },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
          { type: 'image', source: { type: 'url', url: address } },
        ],
      },
    ],
  },
  gemini: {
    contents: [
      {
        role: 'user',
        parts: [{ text: whatIsThis }, { inlineData: { mimeType: 'image/png', data: pixel } }, { fileData: { mimeType: 'image/jpeg', fileUri: address } }],
      },
    ],
  },
}

const terse = 'You are terse.'
const german = 'You speak German.'
const monday = 'It is Monday.'

/** System text as a list of parts, and once more in the middle of the conversation, where the protocol has a place for it. */
export const arraySystem: Conversations = {
  'openai-chat': {
    messages: [
      {
        role: 'system',
        content: [
          { type: 'text', text: terse },
          { type: 'text', text: german },
        ],
      },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hallo.' },
      { role: 'developer', content: monday },
      { role: 'user', content: 'Which day is it?' },
    ],
  },
  'openai-responses': {
    instructions: terse,
    input: [
      { role: 'developer', content: [{ type: 'input_text', text: german }] },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hallo.' },
      { role: 'system', content: monday },
      { role: 'user', content: 'Which day is it?' },
    ],
  },
  'anthropic-messages': {
    max_tokens: 500,
    system: [
      { type: 'text', text: terse, cache_control: { type: 'ephemeral' } },
      { type: 'text', text: german },
    ],
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hallo.' },
      { role: 'system', content: monday },
      { role: 'user', content: 'Which day is it?' },
    ],
  },
  gemini: {
    systemInstruction: { role: 'user', parts: [{ text: terse }, { text: german }] },
    contents: [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts: [{ text: 'Hallo.' }] },
      { role: 'user', parts: [{ text: monday }, { text: 'Which day is it?' }] },
    ],
  },
}
