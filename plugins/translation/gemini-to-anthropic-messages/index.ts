import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const geminiToAnthropicMessages = definePlugin({
  kind: 'translation',
  name: 'gemini-to-anthropic-messages',
  apiVersion: 1,
  description: 'Lets callers of Gemini’s protocol use providers that speak Anthropic’s Messages protocol.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'gemini', 'anthropic-messages'),
})

export default geminiToAnthropicMessages
