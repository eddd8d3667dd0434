import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const openaiChatToGemini = definePlugin({
  kind: 'translation',
  name: 'openai-chat-to-gemini',
  apiVersion: 1,
  description: 'Lets callers of OpenAI’s chat completions use providers that speak Gemini’s protocol.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'openai-chat', 'gemini'),
})

export default openaiChatToGemini
