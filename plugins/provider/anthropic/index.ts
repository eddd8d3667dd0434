import { baseUrl, defaultApiKey, definePlugin, httpProvider, httpProviderOptions } from 'tokligence'
import { z } from 'zod'
import { betaHeaders } from './beta-headers.ts'
import { withCacheMarkers } from './cache-markers.ts'
import { modelListPath, readModelList } from './model-list.ts'

/** The version that the translated bodies are written in. */
const apiVersion = '2023-06-01'

const options = z
  .strictObject({
    ...httpProviderOptions(['anthropic-messages']),
    baseUrl: baseUrl().prefault(() => process.env.TOKLIGENCE_ANTHROPIC_BASE_URL || 'https://api.anthropic.com'),
    /** Whether translated conversations are marked for the prompt cache where their callers mark nothing. */
    cacheMarkers: z.boolean().default(true),
  })
  .overwrite(defaultApiKey({ env: ['TOKLIGENCE_ANTHROPIC_API_KEY', 'ANTHROPIC_API_KEY'] }))

export const anthropic = definePlugin({
  kind: 'provider',
  name: 'anthropic',
  apiVersion: 1,
  description: 'The Anthropic API.',
  options,
  setup: (api, { apiKey, cacheMarkers, ...common }) =>
    httpProvider({
      ...common,
      id: api.id,
      key: apiKey ?? undefined,
      authorize: (key) => ({ 'x-api-key': key }),
      // A subscription login comes as a bearer token, a key in x-api-key, or, from @anthropic-ai/sdk 1.12.0 on, as a bearer token too.
      forwardable: ['authorization', 'x-api-key'],
      defaultHeaders: { 'anthropic-version': apiVersion },
      endpoints: { 'anthropic-messages': { generate: '/v1/messages', 'count-tokens': '/v1/messages/count_tokens' } },
      adapt: (body, { operation }) => (cacheMarkers && operation === 'generate' ? withCacheMarkers(body) : body),
      bodyHeaders: (body) => betaHeaders(body, common.headers['anthropic-beta']),
      models: { fetch: api.fetch, path: modelListPath(), read: readModelList },
    }),
})

export default anthropic
