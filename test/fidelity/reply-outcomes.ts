import { at, holds, type ReplyFeature } from './feature.ts'
import { finish, message, reply } from './reply-shape.ts'

export const outcomeFeatures: readonly ReplyFeature[] = [
  {
    name: 'log probabilities',
    asked: {
      'openai-chat': { logprobs: true, top_logprobs: 1 },
      'openai-responses': { top_logprobs: 1, include: ['message.output_text.logprobs'] },
      gemini: { generationConfig: { responseLogprobs: true, logprobs: 1 } },
    },
    said: {
      'openai-chat': reply(
        'openai-chat',
        { content: 'Hi' },
        { logprobs: { content: [{ token: 'Hi', logprob: -0.125, bytes: [72, 105], top_logprobs: [] }], refusal: null } },
      ),
      'openai-responses': reply('openai-responses', [message('Hi', { logprobs: [{ token: 'Hi', logprob: -0.125, bytes: [72, 105], top_logprobs: [] }] })]),
      gemini: reply('gemini', [{ text: 'Hi' }], {
        logprobsResult: { chosenCandidates: [{ token: 'Hi', tokenId: 1, logProbability: -0.125 }], topCandidates: [{ candidates: [] }] },
      }),
    },
    heard: { 'openai-chat': (body) => holds(body, '-0.125'), 'openai-responses': (body) => holds(body, '-0.125'), gemini: (body) => holds(body, '-0.125') },
  },
  {
    name: 'usage: cache and reasoning',
    said: {
      'openai-chat': {
        ...reply('openai-chat', { content: 'Hi' }),
        usage: {
          prompt_tokens: 100,
          completion_tokens: 50,
          total_tokens: 150,
          prompt_tokens_details: { cached_tokens: 60 },
          completion_tokens_details: { reasoning_tokens: 20 },
        },
      },
      'openai-responses': reply('openai-responses', [message('Hi')], {
        usage: {
          input_tokens: 100,
          input_tokens_details: { cached_tokens: 60 },
          output_tokens: 50,
          output_tokens_details: { reasoning_tokens: 20 },
          total_tokens: 150,
        },
      }),
      'anthropic-messages': reply('anthropic-messages', [{ type: 'text', text: 'Hi' }], {
        usage: {
          input_tokens: 40,
          cache_read_input_tokens: 60,
          cache_creation_input_tokens: 0,
          output_tokens: 50,
          output_tokens_details: { thinking_tokens: 20 },
        },
      }),
      gemini: {
        ...reply('gemini', [{ text: 'Hi' }]),
        usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 30, thoughtsTokenCount: 20, totalTokenCount: 150 },
      },
    },
    heard: {
      'openai-chat': (body) =>
        at(body, 'usage.prompt_tokens') === 100 &&
        at(body, 'usage.prompt_tokens_details.cached_tokens') === 60 &&
        at(body, 'usage.completion_tokens') === 50 &&
        at(body, 'usage.completion_tokens_details.reasoning_tokens') === 20,
      'openai-responses': (body) =>
        at(body, 'usage.input_tokens') === 100 &&
        at(body, 'usage.input_tokens_details.cached_tokens') === 60 &&
        at(body, 'usage.output_tokens') === 50 &&
        at(body, 'usage.output_tokens_details.reasoning_tokens') === 20,
      'anthropic-messages': (body) =>
        at(body, 'usage.input_tokens') === 40 &&
        at(body, 'usage.cache_read_input_tokens') === 60 &&
        at(body, 'usage.output_tokens') === 50 &&
        at(body, 'usage.output_tokens_details.thinking_tokens') === 20,
      gemini: (body) =>
        at(body, 'usageMetadata.promptTokenCount') === 100 &&
        at(body, 'usageMetadata.cachedContentTokenCount') === 60 &&
        at(body, 'usageMetadata.candidatesTokenCount') === 30 &&
        at(body, 'usageMetadata.thoughtsTokenCount') === 20,
    },
  },
  {
    name: 'usage: written to a cache',
    said: {
      'anthropic-messages': reply('anthropic-messages', [{ type: 'text', text: 'Hi' }], {
        usage: { input_tokens: 40, cache_read_input_tokens: 0, cache_creation_input_tokens: 60, output_tokens: 50 },
      }),
    },
    heard: {
      'openai-chat': (body) => at(body, 'usage.prompt_tokens') === 100,
      'openai-responses': (body) => at(body, 'usage.input_tokens') === 100,
      gemini: (body) => at(body, 'usageMetadata.promptTokenCount') === 100,
    },
  },
  {
    name: 'stopped by the output limit',
    said: {
      'openai-chat': reply('openai-chat', { content: 'Hi' }, { finish_reason: 'length' }),
      'openai-responses': reply('openai-responses', [{ ...message('Hi'), status: 'incomplete' }], {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
      }),
      'anthropic-messages': reply('anthropic-messages', [{ type: 'text', text: 'Hi' }], { stop_reason: 'max_tokens' }),
      gemini: reply('gemini', [{ text: 'Hi' }], { finishReason: 'MAX_TOKENS' }),
    },
    heard: finish('length', 'max_output_tokens', 'max_tokens', 'MAX_TOKENS'),
  },
  {
    name: 'stopped by a filter',
    said: {
      'openai-chat': reply('openai-chat', { content: 'Hi' }, { finish_reason: 'content_filter' }),
      'openai-responses': reply('openai-responses', [{ ...message('Hi'), status: 'incomplete' }], {
        status: 'incomplete',
        incomplete_details: { reason: 'content_filter' },
      }),
      gemini: reply('gemini', [{ text: 'Hi' }], { finishReason: 'SAFETY' }),
    },
    heard: finish('content_filter', 'content_filter', 'refusal', 'SAFETY'),
  },
  {
    name: 'stopped by a stop sequence',
    said: { 'anthropic-messages': reply('anthropic-messages', [{ type: 'text', text: 'Hi' }], { stop_reason: 'stop_sequence', stop_sequence: 'END' }) },
    heard: finish('stop', 'completed', 'stop_sequence', 'STOP'),
  },
  {
    name: 'a second candidate',
    asked: { 'openai-chat': { n: 2 }, gemini: { generationConfig: { candidateCount: 2 } } },
    said: {
      'openai-chat': {
        ...reply('openai-chat', { content: 'One' }),
        choices: [
          { index: 0, message: { role: 'assistant', content: 'One' }, finish_reason: 'stop' },
          { index: 1, message: { role: 'assistant', content: 'OTHERWISE' }, finish_reason: 'stop' },
        ],
      },
      gemini: {
        ...reply('gemini', [{ text: 'One' }]),
        candidates: [
          { index: 0, content: { role: 'model', parts: [{ text: 'One' }] }, finishReason: 'STOP' },
          { index: 1, content: { role: 'model', parts: [{ text: 'OTHERWISE' }] }, finishReason: 'STOP' },
        ],
      },
    },
    heard: { 'openai-chat': (body) => holds(body, 'OTHERWISE'), gemini: (body) => holds(body, 'OTHERWISE') },
  },
]
