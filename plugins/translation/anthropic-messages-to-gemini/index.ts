import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const anthropicMessagesToGemini = definePlugin({
  kind: 'translation',
  name: 'anthropic-messages-to-gemini',
  apiVersion: 1,
  description: 'Lets callers of Anthropic’s Messages protocol use providers that speak Gemini’s protocol.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'anthropic-messages', 'gemini'),
})

export default anthropicMessagesToGemini
