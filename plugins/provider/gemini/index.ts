import { baseUrl, defaultApiKey, definePlugin, GatewayError, httpProvider, httpProviderOptions, type ProviderCall } from 'tokligence'
import { z } from 'zod'
import { modelListPath, readModelList } from './model-list.ts'

const options = z
  .strictObject({
    ...httpProviderOptions(['gemini']),
    baseUrl: baseUrl().prefault(() => process.env.TOKLIGENCE_GEMINI_BASE_URL || 'https://generativelanguage.googleapis.com'),
    /** The newer features of the API are in `v1beta` first. */
    apiVersion: z.string().min(1).default('v1beta'),
  })
  .overwrite(defaultApiKey({ env: ['TOKLIGENCE_GEMINI_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY'] }))

export const gemini = definePlugin({
  kind: 'provider',
  name: 'gemini',
  apiVersion: 1,
  description: 'The Gemini API of Google AI Studio.',
  options,
  setup(api, { apiKey, apiVersion, ...common }) {
    const method = (name: string) => (call: ProviderCall) => `/${apiVersion}/${resourceName(call.model)}:${name}`
    return httpProvider({
      ...common,
      id: api.id,
      key: apiKey ?? undefined,
      // ai.google.dev/gemini-api/docs/api-key: the header, so that the key does not stand in URLs.
      authorize: (key) => ({ 'x-goog-api-key': key }),
      forwardable: ['x-goog-api-key', 'authorization'],
      endpoints: {
        gemini: {
          generate: (call) => (call.stream ? `${method('streamGenerateContent')(call)}?alt=sse` : method('generateContent')(call)),
          'count-tokens': method('countTokens'),
          embed: method('batchEmbedContents'),
          'embed-one': method('embedContent'),
        },
      },
      models: { fetch: api.fetch, path: modelListPath(apiVersion), read: (body) => readModelList(body, apiVersion) },
    })
  },
})

/** `models/…` and `tunedModels/…` are resources of their own; a bare name is one of the models. Throws GatewayError `TKL_REQUEST_INVALID` for steps in a path. */
function resourceName(model: string): string {
  const names = model.split('/')
  // Servers resolve them, and another resource than a model's would be asked with the provider's key.
  if (names.some((name) => /^\.{0,2}$/.test(name)))
    throw new GatewayError('TKL_REQUEST_INVALID', `The model "${model}" has a name with an empty part, or one that is "." or "..".`, { param: 'model' })
  const parts = names.map(encodeURIComponent)
  return parts.length > 1 && /^(models|tunedModels)$/.test(parts[0] ?? '') ? parts.join('/') : `models/${parts.join('/')}`
}

export default gemini
