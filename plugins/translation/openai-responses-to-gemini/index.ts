import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const openaiResponsesToGemini = definePlugin({
  kind: 'translation',
  name: 'openai-responses-to-gemini',
  apiVersion: 1,
  description: 'Lets callers of OpenAI’s responses use providers that speak Gemini’s protocol.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'openai-responses', 'gemini'),
})

export default openaiResponsesToGemini
