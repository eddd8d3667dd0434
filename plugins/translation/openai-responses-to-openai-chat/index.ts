import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'
import { carrySharedFields } from './shared-fields.ts'

export const openaiResponsesToOpenaiChat = definePlugin({
  kind: 'translation',
  name: 'openai-responses-to-openai-chat',
  apiVersion: 1,
  description: 'Lets callers of OpenAI’s responses use providers that speak OpenAI’s chat completions.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'openai-responses', 'openai-chat', { request: carrySharedFields }),
})

export default openaiResponsesToOpenaiChat
