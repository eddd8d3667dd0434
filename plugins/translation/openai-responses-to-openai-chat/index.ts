import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'

export const openaiResponsesToOpenaiChat = definePlugin({
  kind: 'translation',
  name: 'openai-responses-to-openai-chat',
  apiVersion: 1,
  description: 'Lets callers of OpenAI’s responses use providers that speak OpenAI’s chat completions.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'openai-responses', 'openai-chat'),
})

export default openaiResponsesToOpenaiChat
