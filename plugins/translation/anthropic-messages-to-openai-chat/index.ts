import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const anthropicMessagesToOpenaiChat = definePlugin({
  kind: 'translation',
  name: 'anthropic-messages-to-openai-chat',
  apiVersion: 1,
  description: 'Lets callers of Anthropic’s Messages protocol use providers that speak OpenAI’s chat completions.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'anthropic-messages', 'openai-chat'),
})

export default anthropicMessagesToOpenaiChat
