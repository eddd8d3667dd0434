import { definePlugin, type Protocol } from 'tokligence'
import { z } from 'zod'
import { responsesProtocol } from './protocol.ts'
import { continueReplies } from './stored/continuation.ts'
import { preferKeepers } from './stored/keeper-route.ts'
import { rememberNativeReplies } from './stored/native-replies.ts'
import { ReplyOwners } from './stored/reply-owners.ts'
import { RunningReplies } from './stored/running-replies.ts'
import { addStoredReplies } from './stored/stored-replies.ts'
import { completeToolOutputs, takeOutStreamQuery, toolOutputsRoute } from './stored/tool-outputs.ts'
import { withoutStore } from './stored/without-store.ts'
import { refuseWebSocket } from './web-socket.ts'

export const openaiResponses = definePlugin({
  kind: 'protocol',
  name: 'openai-responses',
  apiVersion: 1,
  description: 'OpenAI Responses.',
  options: z.strictObject({}),
  setup: (api): Protocol => {
    refuseWebSocket(api)
    const owners = api.shared(
      'protocol/openai-responses/owners',
      () => new ReplyOwners(),
      () => undefined,
    )
    const running = api.shared(
      'protocol/openai-responses/running',
      () => new RunningReplies(),
      () => undefined,
    )
    const book = addStoredReplies(api, owners, running)
    const protocol = { ...responsesProtocol, ...rememberNativeReplies(api, book, running), routes: [...responsesProtocol.routes, toolOutputsRoute] }
    if (!api.config.plugins.some(({ kind }) => kind === 'session')) return { ...protocol, completeBody: withoutStore(owners) }
    preferKeepers(api, book)
    takeOutStreamQuery(api)
    continueReplies(api, book, running)
    return { ...protocol, completeBody: completeToolOutputs(book, running) }
  },
})

export default openaiResponses
