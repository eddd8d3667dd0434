import { definePlugin } from 'tokligence'
import { z } from 'zod'
import { addModelRoutes } from './model-routes.ts'
import { chatProtocol } from './protocol.ts'

export const openaiChat = definePlugin({
  kind: 'protocol',
  name: 'openai-chat',
  apiVersion: 1,
  description: 'OpenAI Chat Completions, and the list of models in its shape.',
  options: z.strictObject({}),
  setup: (api) => {
    addModelRoutes(api)
    return chatProtocol
  },
})

export default openaiChat
