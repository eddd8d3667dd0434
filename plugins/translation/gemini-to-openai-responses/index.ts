import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const geminiToOpenaiResponses = definePlugin({
  kind: 'translation',
  name: 'gemini-to-openai-responses',
  apiVersion: 1,
  description: 'Lets callers of Gemini’s protocol use providers that speak OpenAI’s responses.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'gemini', 'openai-responses'),
})

export default geminiToOpenaiResponses
