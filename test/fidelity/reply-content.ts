import { at, holds, type ReplyFeature } from './feature.ts'
import { everywhere, message, png, reply, sealed } from './reply-shape.ts'

export const contentFeatures: readonly ReplyFeature[] = [
  {
    name: 'text',
    said: {
      'openai-chat': reply('openai-chat', { content: 'GRÜSSE' }),
      'openai-responses': reply('openai-responses', [message('GRÜSSE')]),
      'anthropic-messages': reply('anthropic-messages', [{ type: 'text', text: 'GRÜSSE' }]),
      gemini: reply('gemini', [{ text: 'GRÜSSE' }]),
    },
    heard: everywhere('GRÜSSE'),
  },
  {
    name: 'thoughts',
    said: {
      'openai-chat': reply('openai-chat', { content: 'Hi', reasoning_content: 'PONDERED' }),
      'openai-responses': reply('openai-responses', [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'PONDERED' }] }, message('Hi')]),
      'anthropic-messages': reply('anthropic-messages', [
        { type: 'thinking', thinking: 'PONDERED', signature: '' },
        { type: 'text', text: 'Hi' },
      ]),
      gemini: reply('gemini', [{ text: 'PONDERED', thought: true }, { text: 'Hi' }]),
    },
    heard: everywhere('PONDERED'),
  },
  {
    name: 'sealed thoughts',
    said: {
      'openai-responses': reply('openai-responses', [
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'gAAA' },
        message('Hi'),
      ]),
      'anthropic-messages': reply('anthropic-messages', [
        { type: 'thinking', thinking: 'Hm', signature: 'EqQB' },
        { type: 'text', text: 'Hi' },
      ]),
      gemini: reply('gemini', [{ text: 'Hm', thought: true, thoughtSignature: 'CiQB' }, { text: 'Hi' }]),
    },
    heard: sealed,
  },
  {
    name: 'hidden thoughts',
    said: {
      'openai-responses': reply('openai-responses', [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' }, message('Hi')]),
      'anthropic-messages': reply('anthropic-messages', [
        { type: 'redacted_thinking', data: 'EqQB' },
        { type: 'text', text: 'Hi' },
      ]),
    },
    heard: sealed,
  },
  {
    name: 'signed call',
    asked: {},
    said: { gemini: reply('gemini', [{ functionCall: { id: 'c1', name: 'weather', args: {} }, thoughtSignature: 'CiQB' }]) },
    heard: sealed,
  },
  { name: 'signed text', said: { gemini: reply('gemini', [{ text: 'Hi', thoughtSignature: 'CiQB' }]) }, heard: sealed },
  {
    name: 'parallel calls behind a text',
    said: {
      'openai-chat': reply(
        'openai-chat',
        {
          content: 'LOOKING',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
            { id: 'c2', type: 'function', function: { name: 'files', arguments: '{}' } },
          ],
        },
        { finish_reason: 'tool_calls' },
      ),
      'openai-responses': reply('openai-responses', [
        message('LOOKING'),
        { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'weather', arguments: '{"city":"Bern"}', status: 'completed' },
        { type: 'function_call', id: 'fc_2', call_id: 'c2', name: 'files', arguments: '{}', status: 'completed' },
      ]),
      'anthropic-messages': reply(
        'anthropic-messages',
        [
          { type: 'text', text: 'LOOKING' },
          { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Bern' } },
          { type: 'tool_use', id: 'c2', name: 'files', input: {} },
        ],
        { stop_reason: 'tool_use' },
      ),
      gemini: reply('gemini', [
        { text: 'LOOKING' },
        { functionCall: { id: 'c1', name: 'weather', args: { city: 'Bern' } } },
        { functionCall: { id: 'c2', name: 'files', args: {} } },
      ]),
    },
    heard: {
      'openai-chat': (body) =>
        at(body, 'choices.0.message.content') === 'LOOKING' &&
        at(body, 'choices.0.message.tool_calls.0.id') === 'c1' &&
        at(body, 'choices.0.message.tool_calls.1.function.name') === 'files' &&
        at(body, 'choices.0.finish_reason') === 'tool_calls',
      'openai-responses': (body) => holds(at(body, 'output.0'), 'LOOKING') && at(body, 'output.1.call_id') === 'c1' && at(body, 'output.2.name') === 'files',
      'anthropic-messages': (body) =>
        at(body, 'content.0.text') === 'LOOKING' &&
        at(body, 'content.1.input.city') === 'Bern' &&
        at(body, 'content.2.id') === 'c2' &&
        body.stop_reason === 'tool_use',
      gemini: (body) =>
        at(body, 'candidates.0.content.parts.0.text') === 'LOOKING' &&
        at(body, 'candidates.0.content.parts.1.functionCall.args.city') === 'Bern' &&
        at(body, 'candidates.0.content.parts.2.functionCall.id') === 'c2',
    },
  },
  {
    name: 'text behind a call',
    said: {
      'openai-responses': reply('openai-responses', [
        { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'weather', arguments: '{}', status: 'completed' },
        message('BEHIND'),
      ]),
      'anthropic-messages': reply(
        'anthropic-messages',
        [
          { type: 'tool_use', id: 'c1', name: 'weather', input: {} },
          { type: 'text', text: 'BEHIND' },
        ],
        { stop_reason: 'tool_use' },
      ),
      gemini: reply('gemini', [{ functionCall: { id: 'c1', name: 'weather', args: {} } }, { text: 'BEHIND' }]),
    },
    heard: everywhere('BEHIND'),
  },
  {
    name: 'refusal',
    said: {
      'openai-chat': reply('openai-chat', { refusal: 'DECLINED' }),
      'openai-responses': reply('openai-responses', [
        { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'refusal', refusal: 'DECLINED' }] },
      ]),
      'anthropic-messages': reply('anthropic-messages', [{ type: 'text', text: 'DECLINED' }], { stop_reason: 'refusal' }),
    },
    heard: everywhere('DECLINED'),
  },
  {
    name: 'citation of a web page',
    said: {
      'openai-chat': reply('openai-chat', {
        content: 'As told',
        annotations: [{ type: 'url_citation', url_citation: { start_index: 0, end_index: 7, url: 'https://example.com/source', title: 'Source' } }],
      }),
      'openai-responses': reply('openai-responses', [
        message('As told', { annotations: [{ type: 'url_citation', start_index: 0, end_index: 7, url: 'https://example.com/source', title: 'Source' }] }),
      ]),
      'anthropic-messages': reply('anthropic-messages', [
        {
          type: 'text',
          text: 'As told',
          citations: [{ type: 'web_search_result_location', url: 'https://example.com/source', title: 'Source', cited_text: 'told', encrypted_index: 'x' }],
        },
      ]),
      gemini: reply('gemini', [{ text: 'As told' }], {
        groundingMetadata: {
          groundingChunks: [{ web: { uri: 'https://example.com/source', title: 'Source' } }],
          groundingSupports: [{ segment: { startIndex: 0, endIndex: 7, text: 'As told' }, groundingChunkIndices: [0] }],
        },
      }),
    },
    heard: everywhere('https://example.com/source'),
  },
  {
    name: 'search by the provider',
    said: {
      'openai-responses': reply('openai-responses', [
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'LOOKED UP' } },
        message('Hi'),
      ]),
      'anthropic-messages': reply('anthropic-messages', [
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'LOOKED UP' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 'srvtoolu_1',
          content: [{ type: 'web_search_result', url: 'https://example.com/found', title: 'Found', encrypted_content: 'x', page_age: null }],
        },
        { type: 'text', text: 'Hi' },
      ]),
    },
    heard: everywhere('LOOKED UP'),
  },
  {
    name: 'code run by the provider',
    said: {
      'openai-responses': reply('openai-responses', [
        {
          type: 'code_interpreter_call',
          id: 'ci_1',
          status: 'completed',
          container_id: 'cntr_1',
          code: 'print(40 + 2)',
          outputs: [{ type: 'logs', logs: '42' }],
        },
        message('Hi'),
      ]),
      'anthropic-messages': reply('anthropic-messages', [
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'code_execution', input: { code: 'print(40 + 2)' } },
        {
          type: 'code_execution_tool_result',
          tool_use_id: 'srvtoolu_1',
          content: { type: 'code_execution_result', stdout: '42', stderr: '', return_code: 0, content: [] },
        },
        { type: 'text', text: 'Hi' },
      ]),
      gemini: reply('gemini', [
        { executableCode: { language: 'PYTHON', code: 'print(40 + 2)' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '42' } },
        { text: 'Hi' },
      ]),
    },
    heard: everywhere('print(40 + 2)'),
  },
  {
    name: 'a generated image',
    said: {
      'openai-responses': reply('openai-responses', [{ type: 'image_generation_call', id: 'ig_1', status: 'completed', result: png }]),
      gemini: reply('gemini', [{ inlineData: { mimeType: 'image/png', data: png } }]),
    },
    heard: everywhere(png),
  },
]
