import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const openaiResponsesToAnthropicMessages = definePlugin({
  kind: 'translation',
  name: 'openai-responses-to-anthropic-messages',
  apiVersion: 1,
  description: 'Lets callers of OpenAI’s responses use providers that speak Anthropic’s Messages protocol.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'openai-responses', 'anthropic-messages'),
})

export default openaiResponsesToAnthropicMessages
