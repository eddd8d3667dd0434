import { definePlugin } from 'tokligence'
import { z } from 'zod'
import { addModelRoutes } from './model-routes.ts'
import { contentsProtocol } from './protocol.ts'

export const geminiContents = definePlugin({
  kind: 'protocol',
  name: 'gemini',
  apiVersion: 1,
  description: 'Google’s Gemini API: contents generated, streamed and not, tokens counted, embeddings, and the list of models in its shape.',
  options: z.strictObject({}),
  setup: (api) => {
    addModelRoutes(api)
    return contentsProtocol
  },
})

export default geminiContents
