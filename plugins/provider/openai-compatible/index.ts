import { baseUrl, definePlugin, GatewayError, httpProvider, httpProviderOptions, type Plugin } from 'tokligence'
import { z } from 'zod'
import { readModelList } from '../openai/model-list.ts'
import { withPromptCacheKey } from '../openai/prompt-cache-key.ts'
import { renameMaxTokens } from './max-tokens-field.ts'
import { withoutStreamUsage } from './stream-usage.ts'
import { withoutVendorFields } from './vendor-fields.ts'

const options = z.strictObject({
  ...httpProviderOptions(['openai-responses', 'openai-chat'], ['openai-chat']),
  baseUrl: baseUrl(),
  /** How the server names the limit of output tokens. */
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  /** Whether the server takes a key for its prompt cache. */
  promptCacheKey: z.boolean().default(false),
})

const factory = definePlugin({
  kind: 'provider',
  name: 'openai-compatible',
  apiVersion: 1,
  description: 'Any server that speaks a protocol of the OpenAI API.',
  options,
  setup: (api, { apiKey, maxTokensField, promptCacheKey, ...common }) =>
    httpProvider({
      ...common,
      id: api.id,
      key: apiKey ?? undefined,
      // Servers on one's own machine mostly take no key.
      keyRequired: false,
      authorize: (key) => ({ authorization: `Bearer ${key}` }),
      forwardable: ['authorization'],
      endpoints: {
        'openai-responses': { generate: '/responses', 'stored-replies': '/responses' },
        'openai-chat': { generate: '/chat/completions', embed: '/embeddings' },
      },
      adapt: (given, call, losses) => {
        const keyed = promptCacheKey && call.operation === 'generate' ? withPromptCacheKey(given) : given
        if (call.protocol !== 'openai-chat') return keyed
        const body = withoutVendorFields(keyed, promptCacheKey ? ['prompt_cache_key'] : [], losses)
        return renameMaxTokens(common.streamUsage ? body : withoutStreamUsage(body), maxTokensField)
      },
      models: { fetch: api.fetch, path: '/models', read: readModelList },
    }),
})

/** `id` is required: there may be many such servers, and routes name them by it. */
export function openaiCompatible<const Id extends string>(input: z.input<typeof options> & { readonly id: Id }): Plugin<'provider', Id> {
  if (input?.id === undefined)
    throw new GatewayError('TKL_CONFIG_INVALID', 'provider plugin "openai-compatible": option "id": is required; routes name the server by it.')
  return factory(input)
}

openaiCompatible.definition = factory.definition

export default openaiCompatible
