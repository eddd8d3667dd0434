import { definePlugin } from 'tokligence'
import { z } from 'zod'
import { responsesProtocol } from './protocol.ts'
import { addStoredReplies } from './stored/stored-replies.ts'
import { refuseWebSocket } from './web-socket.ts'

export const openaiResponses = definePlugin({
  kind: 'protocol',
  name: 'openai-responses',
  apiVersion: 1,
  description: 'OpenAI Responses.',
  options: z.strictObject({}),
  setup: (api) => {
    refuseWebSocket(api)
    addStoredReplies(api)
    return responsesProtocol
  },
})

export default openaiResponses
