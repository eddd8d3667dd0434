import { baseUrl, definePlugin, GatewayError, httpProvider, httpProviderOptions, type Plugin } from 'tokligence'
import { z } from 'zod'
import { readModelList } from '../openai/model-list.ts'
import { renameMaxTokens } from './max-tokens-field.ts'
import { withoutStreamUsage } from './stream-usage.ts'
import { withoutVendorFields } from './vendor-fields.ts'

const options = z.strictObject({
  ...httpProviderOptions(['openai-responses', 'openai-chat'], ['openai-chat']),
  baseUrl: baseUrl(),
  /** How the server names the limit of output tokens. */
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
})

const factory = definePlugin({
  kind: 'provider',
  name: 'openai-compatible',
  apiVersion: 1,
  description: 'Any server that speaks a protocol of the OpenAI API.',
  options,
  setup: (api, { apiKey, maxTokensField, ...common }) =>
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
        if (call.protocol !== 'openai-chat') return given
        const body = withoutVendorFields(given, losses)
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
