import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const geminiToOpenaiChat = definePlugin({
  kind: 'translation',
  name: 'gemini-to-openai-chat',
  apiVersion: 1,
  description: 'Lets callers of Gemini’s protocol use providers that speak OpenAI’s chat completions.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'gemini', 'openai-chat'),
})

export default geminiToOpenaiChat
