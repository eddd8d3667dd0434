import type { PluginApi, RequestContext } from 'tokligence'
import { markKept } from '../reply/kept-mark.ts'
import { decodeRequest } from '../request/decode-request.ts'
import { withUnknownReply } from '../request/settle.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { earlierFailure } from './earlier-failure.ts'
import { bodyOf, continued, describeReply, type History, itemsIn } from './kept-reply.ts'
import { continueNatively } from './native-continuation.ts'
import type { ReplyBook } from './reply-book.ts'
import type { RunningReplies } from './running-replies.ts'
import { forgotten, keptElsewhere } from './unknown-reasons.ts'

/** Keeps replies that are translated, and gives requests that go on from one the conversation before it, whoever serves their model. */
export function continueReplies(api: PluginApi, book: ReplyBook, running: RunningReplies): void {
  const histories = new WeakMap<RequestContext, History>()
  api.hooks.modifyTranslated.tap(
    async (conversation, _target, context) => {
      if (context.protocol !== protocolId) return conversation
      const { store, previous_response_id: previous } = recall(conversation).fields
      if (store !== false) markKept(context.conversation)
      if (typeof previous !== 'string') return conversation
      const found = await historyOf(book, context, previous)
      if (typeof found === 'string') {
        const failure = earlierFailure(context)
        if (failure) throw failure
        return withUnknownReply(conversation, found)
      }
      histories.set(context, found)
      return decodeRequest(continued(bodyOf(conversation), itemsIn(found)))
    },
    // What the book does is bounded call by call, and its errors say what it was.
    { order: 'pre', timeout: 0 },
  )
  api.hooks.onTranslatedReply.tap(async (reply, _target, context) => {
    if (context.protocol !== protocolId || recall(context.conversation).fields.store === false || running.isDeleted(context.id)) return
    await book.keep(context.principal?.id, describeReply(reply, context, histories.get(context) ?? []))
  })
  continueNatively(api, book)
}

/** The conversation before a request, or why it is not known. */
async function historyOf(book: ReplyBook, { principal, body }: RequestContext, id: string): Promise<History | string> {
  const { kept, keeper } = await book.find(principal?.id, id)
  const whole = kept ?? (keeper && (await book.copyOf(principal?.id, id)))
  const history = whole && (await book.historyOf(principal?.id, id, whole, body.length))
  return history ?? (keeper ? keptElsewhere(keeper) : forgotten)
}
