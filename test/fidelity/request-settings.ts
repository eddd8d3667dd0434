import type { Fields } from '../support/json-fields.ts'
import { at, holds, type ProtocolName, type RequestFeature } from './feature.ts'

type Place = Partial<Record<ProtocolName, string>>

/** A setting that is one value at one place in each protocol. */
function setting(
  name: string,
  value: unknown,
  places: Place,
  options: { readonly heardAs?: unknown; readonly facts?: RequestFeature['facts'] } = {},
): RequestFeature {
  const entries = Object.entries(places) as [ProtocolName, string][]
  return {
    name,
    said: Object.fromEntries(entries.map(([protocol, path]) => [protocol, placed(path.split('.'), value)])),
    heard: Object.fromEntries(
      entries.map(([protocol, path]) => [protocol, (body: Fields) => JSON.stringify(at(body, path)) === JSON.stringify(options.heardAs ?? value)]),
    ),
    ...(options.facts && { facts: options.facts }),
  }
}

function placed([first = '', ...rest]: readonly string[], value: unknown): Fields {
  return { [first]: rest.length === 0 ? value : placed(rest, value) }
}

const schema = { type: 'object', properties: { answer: { type: 'string', description: 'SAID' } }, required: ['answer'], additionalProperties: false }
const config = 'generationConfig.'

/** True when the model is asked to think, in whatever words. */
const thinks: RequestFeature['heard'] = {
  'openai-chat': (body) => typeof body.reasoning_effort === 'string' && body.reasoning_effort !== 'none',
  'openai-responses': (body) => typeof at(body, 'reasoning.effort') === 'string' && at(body, 'reasoning.effort') !== 'none',
  'anthropic-messages': (body) => ['enabled', 'adaptive'].includes(String(at(body, 'thinking.type'))),
  gemini: (body) => at(body, 'generationConfig.thinkingConfig') !== undefined && at(body, 'generationConfig.thinkingConfig.thinkingBudget') !== 0,
}

export const settingFeatures: readonly RequestFeature[] = [
  setting('output limit', 777, {
    'openai-chat': 'max_completion_tokens',
    'openai-responses': 'max_output_tokens',
    'anthropic-messages': 'max_tokens',
    gemini: `${config}maxOutputTokens`,
  }),
  setting('temperature', 0.5, {
    'openai-chat': 'temperature',
    'openai-responses': 'temperature',
    'anthropic-messages': 'temperature',
    gemini: `${config}temperature`,
  }),
  setting('top p', 0.9, { 'openai-chat': 'top_p', 'openai-responses': 'top_p', 'anthropic-messages': 'top_p', gemini: `${config}topP` }),
  setting('top k', 40, { 'anthropic-messages': 'top_k', gemini: `${config}topK` }),
  setting('seed', 7, { 'openai-chat': 'seed', gemini: `${config}seed` }),
  setting('frequency penalty', 0.5, { 'openai-chat': 'frequency_penalty', gemini: `${config}frequencyPenalty` }),
  setting('presence penalty', 0.5, { 'openai-chat': 'presence_penalty', gemini: `${config}presencePenalty` }),
  setting('stop sequences', ['END'], { 'openai-chat': 'stop', 'anthropic-messages': 'stop_sequences', gemini: `${config}stopSequences` }),
  setting('several candidates', 2, { 'openai-chat': 'n', gemini: `${config}candidateCount` }),
  {
    name: 'log probabilities',
    said: {
      'openai-chat': { logprobs: true, top_logprobs: 3 },
      'openai-responses': { top_logprobs: 3, include: ['message.output_text.logprobs'] },
      gemini: { generationConfig: { responseLogprobs: true, logprobs: 3 } },
    },
    heard: {
      'openai-chat': (body) => body.logprobs === true && body.top_logprobs === 3,
      'openai-responses': (body) => body.top_logprobs === 3 && holds(body.include, 'message.output_text.logprobs'),
      gemini: (body) => at(body, 'generationConfig.responseLogprobs') === true && at(body, 'generationConfig.logprobs') === 3,
    },
  },
  {
    name: 'structured output by a schema',
    said: {
      'openai-chat': { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } },
      'openai-responses': { text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } } },
      'anthropic-messages': { output_config: { format: { type: 'json_schema', schema } } },
      gemini: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } },
    },
    heard: {
      'openai-chat': (body) => holds(body.response_format, 'SAID'),
      'openai-responses': (body) => holds(at(body, 'text.format'), 'SAID'),
      'anthropic-messages': (body) => holds(body.output_config, 'SAID') || holds(body.tools, 'SAID'),
      gemini: (body) => holds(body.generationConfig, 'SAID'),
    },
    facts: { structuredOutput: true },
  },
  {
    name: 'any JSON object',
    said: {
      'openai-chat': { messages: [{ role: 'user', content: 'As JSON' }], response_format: { type: 'json_object' } },
      'openai-responses': { input: 'As JSON', text: { format: { type: 'json_object' } } },
      gemini: { generationConfig: { responseMimeType: 'application/json' } },
    },
    heard: {
      'openai-chat': (body) => at(body, 'response_format.type') === 'json_object',
      'openai-responses': (body) => at(body, 'text.format.type') === 'json_object',
      gemini: (body) => at(body, 'generationConfig.responseMimeType') === 'application/json',
    },
  },
  setting('verbosity', 'low', { 'openai-chat': 'verbosity', 'openai-responses': 'text.verbosity' }),
  {
    name: 'reasoning effort',
    said: {
      'openai-chat': { reasoning_effort: 'high' },
      'openai-responses': { reasoning: { effort: 'high' } },
      'anthropic-messages': { max_tokens: 32_000, output_config: { effort: 'high' } },
      gemini: { generationConfig: { thinkingConfig: { thinkingLevel: 'high' } } },
    },
    heard: {
      'openai-chat': (body) => body.reasoning_effort === 'high',
      'openai-responses': (body) => at(body, 'reasoning.effort') === 'high',
      'anthropic-messages': (body) => at(body, 'output_config.effort') === 'high',
      gemini: (body) => /^high$/i.test(String(at(body, 'generationConfig.thinkingConfig.thinkingLevel'))),
    },
    facts: { thinking: 'effort', efforts: ['low', 'medium', 'high'] },
  },
  {
    name: 'thinking budget',
    said: {
      'anthropic-messages': { max_tokens: 32_000, thinking: { type: 'enabled', budget_tokens: 9_000 } },
      gemini: { generationConfig: { maxOutputTokens: 32_000, thinkingConfig: { thinkingBudget: 9_000 } } },
    },
    heard: {
      ...thinks,
      'anthropic-messages': (body) => at(body, 'thinking.budget_tokens') === 9_000,
      gemini: (body) => at(body, 'generationConfig.thinkingConfig.thinkingBudget') === 9_000,
    },
    facts: { thinking: 'budget', minThinkingTokens: 1_024, maxThinkingTokens: 24_576 },
  },
  {
    name: 'adaptive thinking',
    said: {
      'anthropic-messages': { max_tokens: 32_000, thinking: { type: 'adaptive' } },
      gemini: { generationConfig: { thinkingConfig: { thinkingBudget: -1 } } },
    },
    // A model of these two decides by itself unless it is told how much.
    heard: {
      ...thinks,
      'openai-chat': (body) => body.reasoning_effort === undefined,
      'openai-responses': (body) => at(body, 'reasoning.effort') === undefined,
    },
    facts: { thinking: 'adaptive' },
  },
  {
    name: 'no thinking',
    said: {
      'openai-chat': { reasoning_effort: 'none' },
      'openai-responses': { reasoning: { effort: 'none' } },
      'anthropic-messages': { thinking: { type: 'disabled' } },
      gemini: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
    },
    heard: {
      'openai-chat': (body) => body.reasoning_effort === 'none',
      'openai-responses': (body) => at(body, 'reasoning.effort') === 'none',
      'anthropic-messages': (body) => at(body, 'thinking.type') === 'disabled',
      gemini: (body) => at(body, 'generationConfig.thinkingConfig.thinkingBudget') === 0,
    },
    facts: { efforts: ['none', 'low', 'high'], minThinkingTokens: 0 },
  },
  {
    name: 'thoughts shown',
    said: {
      'openai-responses': { reasoning: { effort: 'high', summary: 'auto' } },
      'anthropic-messages': { max_tokens: 32_000, thinking: { type: 'enabled', budget_tokens: 9_000 } },
      gemini: { generationConfig: { maxOutputTokens: 32_000, thinkingConfig: { thinkingBudget: 9_000, includeThoughts: true } } },
    },
    heard: {
      'openai-responses': (body) => typeof at(body, 'reasoning.summary') === 'string',
      'anthropic-messages': (body) => ['enabled', 'adaptive'].includes(String(at(body, 'thinking.type'))),
      gemini: (body) => at(body, 'generationConfig.thinkingConfig.includeThoughts') === true,
    },
  },
  {
    name: 'an id of the end user',
    said: { 'openai-chat': { user: 'user-7' }, 'openai-responses': { safety_identifier: 'user-7' }, 'anthropic-messages': { metadata: { user_id: 'user-7' } } },
    heard: {
      'openai-chat': (body) => holds([body.user, body.safety_identifier], 'user-7'),
      'openai-responses': (body) => holds([body.user, body.safety_identifier], 'user-7'),
      'anthropic-messages': (body) => at(body, 'metadata.user_id') === 'user-7',
    },
  },
  setting('metadata', { case: 'seven' }, { 'openai-responses': 'metadata', 'openai-chat': 'metadata' }),
  setting('service tier', 'flex', { 'openai-chat': 'service_tier', 'openai-responses': 'service_tier', gemini: 'serviceTier' }),
  {
    name: 'prompt cache marker',
    said: {
      'openai-chat': { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] }] },
      'anthropic-messages': { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] }] },
    },
    heard: { 'anthropic-messages': (body) => holds(body.messages, 'ephemeral'), 'openai-chat': (body) => holds(body.messages, 'ephemeral') },
  },
  setting('prompt cache key', 'key-7', { 'openai-chat': 'prompt_cache_key', 'openai-responses': 'prompt_cache_key' }),
  {
    name: 'context management',
    said: { 'anthropic-messages': { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } } },
    heard: {},
  },
  {
    name: 'safety settings',
    said: { gemini: { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }] } },
    heard: {},
  },
]
