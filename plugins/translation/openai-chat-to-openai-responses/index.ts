import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const openaiChatToOpenaiResponses = definePlugin({
  kind: 'translation',
  name: 'openai-chat-to-openai-responses',
  apiVersion: 1,
  description: 'Lets callers of OpenAI’s chat completions use providers that speak OpenAI’s responses.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'openai-chat', 'openai-responses'),
})

export default openaiChatToOpenaiResponses
