import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const anthropicMessagesToOpenaiResponses = definePlugin({
  kind: 'translation',
  name: 'anthropic-messages-to-openai-responses',
  apiVersion: 1,
  description: 'Lets callers of Anthropic’s Messages protocol use providers that speak OpenAI’s responses.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'anthropic-messages', 'openai-responses'),
})

export default anthropicMessagesToOpenaiResponses
