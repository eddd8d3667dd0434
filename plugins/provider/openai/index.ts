import { baseUrl, defaultApiKey, definePlugin, httpProvider, httpProviderOptions } from 'tokligence'
import { z } from 'zod'
import { withoutStreamUsage } from '../openai-compatible/stream-usage.ts'
import { readModelList } from './model-list.ts'
import { withPromptCacheKey } from './prompt-cache-key.ts'

const options = z
  .strictObject({
    ...httpProviderOptions(['openai-responses', 'openai-chat']),
    baseUrl: baseUrl().prefault(() => process.env.TOKLIGENCE_OPENAI_BASE_URL || 'https://api.openai.com/v1'),
    organization: z.string().min(1).optional(),
    project: z.string().min(1).optional(),
    /** Whether translated requests without a key for the prompt cache are given one. */
    promptCacheKey: z.boolean().default(true),
  })
  .overwrite(defaultApiKey({ env: ['TOKLIGENCE_OPENAI_API_KEY', 'OPENAI_API_KEY'] }))

export const openai = definePlugin({
  kind: 'provider',
  name: 'openai',
  apiVersion: 1,
  description: 'The OpenAI API.',
  options,
  setup: (api, { apiKey, organization, project, promptCacheKey, headers, ...common }) =>
    httpProvider({
      ...common,
      id: api.id,
      key: apiKey ?? undefined,
      authorize: (key) => ({ authorization: `Bearer ${key}` }),
      forwardable: ['authorization'],
      // Header names: openai 6.49.0, client.js, defaultHeaders.
      headers: {
        ...(organization !== undefined && { 'openai-organization': organization }),
        ...(project !== undefined && { 'openai-project': project }),
        ...headers,
      },
      endpoints: {
        'openai-responses': {
          generate: '/responses',
          'count-tokens': '/responses/input_tokens',
          compact: '/responses/compact',
          'stored-replies': '/responses',
        },
        'openai-chat': { generate: '/chat/completions', embed: '/embeddings' },
      },
      adapt: (given, { protocol, operation }) => {
        const body = promptCacheKey && operation === 'generate' ? withPromptCacheKey(given) : given
        return protocol === 'openai-chat' && !common.streamUsage ? withoutStreamUsage(body) : body
      },
      models: { fetch: api.fetch, path: '/models', read: readModelList },
    }),
})

export default openai
