import { at, holds, type RequestFeature } from './feature.ts'

/** System texts, wherever a protocol keeps them, in order. */
function systemTexts(first: string, second: string): RequestFeature['heard'] {
  const ordered = (body: unknown) => {
    const text = JSON.stringify(body)
    return text.includes(first) && text.indexOf(first) < text.indexOf(second)
  }
  return {
    'openai-chat': (body) => ordered(body.messages),
    'openai-responses': (body) => ordered([body.instructions ?? '', body.input]),
    'anthropic-messages': (body) => ordered([body.system ?? '', body.messages]),
    gemini: (body) => ordered([body.systemInstruction ?? '', body.contents]),
  }
}

const said = 'I look at both.'
const firstArguments = { city: 'Bern' }

export const turnFeatures: readonly RequestFeature[] = [
  {
    name: 'system text, and a second one',
    said: {
      'openai-chat': {
        messages: [
          { role: 'system', content: 'FIRST' },
          { role: 'system', content: 'SECOND' },
          { role: 'user', content: 'Hi' },
        ],
      },
      'openai-responses': {
        instructions: 'FIRST',
        input: [
          { role: 'developer', content: 'SECOND' },
          { role: 'user', content: 'Hi' },
        ],
      },
      'anthropic-messages': {
        system: [
          { type: 'text', text: 'FIRST' },
          { type: 'text', text: 'SECOND' },
        ],
      },
      gemini: { systemInstruction: { parts: [{ text: 'FIRST' }, { text: 'SECOND' }] } },
    },
    heard: systemTexts('FIRST', 'SECOND'),
  },
  {
    name: 'a system turn in the middle of the conversation',
    said: {
      'openai-chat': {
        messages: [
          { role: 'user', content: 'ASKED' },
          { role: 'assistant', content: 'Yes?' },
          { role: 'developer', content: 'LATER' },
          { role: 'user', content: 'Go' },
        ],
      },
      'openai-responses': {
        input: [
          { role: 'user', content: 'ASKED' },
          { role: 'assistant', content: 'Yes?' },
          { role: 'developer', content: 'LATER' },
          { role: 'user', content: 'Go' },
        ],
      },
      'anthropic-messages': {
        messages: [
          { role: 'user', content: 'ASKED' },
          { role: 'assistant', content: 'Yes?' },
          { role: 'system', content: 'LATER' },
          { role: 'user', content: 'Go' },
        ],
      },
    },
    heard: systemTexts('ASKED', 'LATER'),
  },
  {
    name: 'text between parallel calls and their results',
    said: {
      'openai-chat': {
        messages: [
          { role: 'user', content: 'Look' },
          {
            role: 'assistant',
            content: said,
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'weather', arguments: JSON.stringify(firstArguments) } },
              { id: 'call_2', type: 'function', function: { name: 'files', arguments: '{}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: '12 °C' },
          { role: 'tool', tool_call_id: 'call_2', content: 'a.txt' },
        ],
        tools: [
          { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } },
          { type: 'function', function: { name: 'files', parameters: { type: 'object', properties: {} } } },
        ],
      },
      'openai-responses': {
        input: [
          { role: 'user', content: 'Look' },
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: said, annotations: [] }] },
          { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: JSON.stringify(firstArguments) },
          { type: 'function_call', call_id: 'call_2', name: 'files', arguments: '{}' },
          { type: 'function_call_output', call_id: 'call_1', output: '12 °C' },
          { type: 'function_call_output', call_id: 'call_2', output: 'a.txt' },
        ],
        tools: [
          { type: 'function', name: 'weather', parameters: { type: 'object', properties: {} }, strict: false },
          { type: 'function', name: 'files', parameters: { type: 'object', properties: {} }, strict: false },
        ],
      },
      'anthropic-messages': {
        messages: [
          { role: 'user', content: 'Look' },
          {
            role: 'assistant',
            content: [
              { type: 'text', text: said },
              { type: 'tool_use', id: 'call_1', name: 'weather', input: firstArguments },
              { type: 'tool_use', id: 'call_2', name: 'files', input: {} },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'call_1', content: '12 °C' },
              { type: 'tool_result', tool_use_id: 'call_2', content: 'a.txt' },
            ],
          },
        ],
        tools: [
          { name: 'weather', input_schema: { type: 'object', properties: {} } },
          { name: 'files', input_schema: { type: 'object', properties: {} } },
        ],
      },
      gemini: {
        contents: [
          { role: 'user', parts: [{ text: 'Look' }] },
          {
            role: 'model',
            parts: [
              { text: said },
              { functionCall: { id: 'call_1', name: 'weather', args: firstArguments } },
              { functionCall: { id: 'call_2', name: 'files', args: {} } },
            ],
          },
          {
            role: 'user',
            parts: [
              { functionResponse: { id: 'call_1', name: 'weather', response: { output: '12 °C' } } },
              { functionResponse: { id: 'call_2', name: 'files', response: { output: 'a.txt' } } },
            ],
          },
        ],
        tools: [{ functionDeclarations: [{ name: 'weather' }, { name: 'files' }] }],
      },
    },
    heard: {
      'openai-chat': (body) =>
        at(body, 'messages.1.content') === said &&
        at(body, 'messages.1.tool_calls.1.id') === 'call_2' &&
        at(body, 'messages.2.tool_call_id') === 'call_1' &&
        at(body, 'messages.3.tool_call_id') === 'call_2' &&
        holds(at(body, 'messages.2'), '12 °C'),
      'openai-responses': (body) =>
        holds(at(body, 'input.1'), said) &&
        at(body, 'input.2.call_id') === 'call_1' &&
        at(body, 'input.3.call_id') === 'call_2' &&
        at(body, 'input.4.call_id') === 'call_1' &&
        holds(at(body, 'input.5'), 'a.txt'),
      'anthropic-messages': (body) =>
        at(body, 'messages.1.content.0.text') === said &&
        at(body, 'messages.1.content.2.id') === 'call_2' &&
        at(body, 'messages.2.content.0.tool_use_id') === 'call_1' &&
        holds(at(body, 'messages.2.content.1'), 'a.txt'),
      gemini: (body) =>
        at(body, 'contents.1.parts.0.text') === said &&
        at(body, 'contents.1.parts.2.functionCall.name') === 'files' &&
        at(body, 'contents.2.parts.0.functionResponse.name') === 'weather' &&
        holds(at(body, 'contents.2.parts.1'), 'a.txt'),
    },
  },
  {
    name: 'a tool that failed',
    said: {
      'anthropic-messages': {
        messages: [
          { role: 'user', content: 'Look' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'weather', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'BROKEN', is_error: true }] },
        ],
        tools: [{ name: 'weather', input_schema: { type: 'object', properties: {} } }],
      },
      gemini: {
        contents: [
          { role: 'user', parts: [{ text: 'Look' }] },
          { role: 'model', parts: [{ functionCall: { name: 'weather', args: {} } }] },
          { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { error: 'BROKEN' } } }] },
        ],
        tools: [{ functionDeclarations: [{ name: 'weather' }] }],
      },
    },
    heard: {
      'openai-chat': (body) => holds(at(body, 'messages.2.content'), 'Error: BROKEN'),
      'openai-responses': (body) => holds(at(body, 'input.2.output'), 'Error: BROKEN'),
      'anthropic-messages': (body) => at(body, 'messages.2.content.0.is_error') === true && holds(body, 'BROKEN'),
      gemini: (body) => holds(at(body, 'contents.2.parts.0.functionResponse.response.error'), 'BROKEN'),
    },
  },
  {
    name: 'what the assistant declined',
    said: {
      'openai-chat': {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', refusal: 'DECLINED' },
          { role: 'user', content: 'Why?' },
        ],
      },
      'openai-responses': {
        input: [
          { role: 'user', content: 'Hi' },
          { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [{ type: 'refusal', refusal: 'DECLINED' }] },
          { role: 'user', content: 'Why?' },
        ],
      },
    },
    heard: {
      'openai-chat': (body) => holds(at(body, 'messages.1'), 'DECLINED'),
      'openai-responses': (body) => holds(at(body, 'input.1'), 'DECLINED'),
      'anthropic-messages': (body) => holds(at(body, 'messages.1'), 'DECLINED'),
      gemini: (body) => holds(at(body, 'contents.1'), 'DECLINED'),
    },
  },
  {
    name: 'a participant’s name',
    said: { 'openai-chat': { messages: [{ role: 'user', name: 'Ada', content: 'Hi' }] } },
    heard: { 'openai-chat': (body) => at(body, 'messages.0.name') === 'Ada' },
  },
]
