import { definePlugin } from 'tokligence'
import { z } from 'zod'
import { responsesProtocol } from './protocol.ts'
import { continueReplies } from './stored/continuation.ts'
import { addStoredReplies } from './stored/stored-replies.ts'
import { completeToolOutputs, toolOutputsRoute } from './stored/tool-outputs.ts'
import { refuseWebSocket } from './web-socket.ts'

export const openaiResponses = definePlugin({
  kind: 'protocol',
  name: 'openai-responses',
  apiVersion: 1,
  description: 'OpenAI Responses.',
  options: z.strictObject({}),
  setup: (api) => {
    refuseWebSocket(api)
    const book = addStoredReplies(api)
    if (!api.config.plugins.some(({ kind }) => kind === 'session')) return responsesProtocol
    continueReplies(api, book)
    return { ...responsesProtocol, routes: [...responsesProtocol.routes, toolOutputsRoute], completeBody: completeToolOutputs(book) }
  },
})

export default openaiResponses
