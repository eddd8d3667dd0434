import { definePlugin, viaRegistry } from 'tokligence'
import { z } from 'zod'
import { carryCacheMarkers } from './cache-markers.ts'

export const openaiChatToAnthropicMessages = definePlugin({
  kind: 'translation',
  name: 'openai-chat-to-anthropic-messages',
  apiVersion: 1,
  description: 'Lets callers of OpenAI’s chat completions use providers that speak Anthropic’s Messages protocol.',
  options: z.strictObject({}),
  setup: ({ registry }) => viaRegistry(registry, 'openai-chat', 'anthropic-messages', { request: carryCacheMarkers }),
})

export default openaiChatToAnthropicMessages
