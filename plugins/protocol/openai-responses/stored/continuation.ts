import { type Attempt, type GatewayError, type JsonObject, type PluginApi, parseJsonObject, peekJson, type RequestContext } from 'tokligence'
import { markKept } from '../reply/kept-mark.ts'
import { decodeRequest } from '../request/decode-request.ts'
import { unknownReply, withUnknownReply } from '../request/settle.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { bodyOf, continued, describeReply, type History } from './kept-reply.ts'
import { nativeInput } from './native-input.ts'
import type { ReplyBook } from './reply-book.ts'

const forgotten = 'It has expired, was deleted, was not stored, or is not yours: send the whole input instead of the id.'

/** Keeps replies that are translated, and gives requests that go on from one the conversation before it, whoever serves their model. */
export function continueReplies(api: PluginApi, book: ReplyBook): void {
  const histories = new WeakMap<RequestContext, History>()
  api.hooks.modifyTranslated.tap(
    async (conversation, _target, context) => {
      if (context.protocol !== protocolId) return conversation
      const { store, previous_response_id: previous } = recall(conversation).fields
      if (store !== false) markKept(context.conversation)
      if (typeof previous !== 'string') return conversation
      const found = await historyOf(book, context, previous)
      if (typeof found === 'string') return withUnknownReply(conversation, found)
      histories.set(context, found)
      return decodeRequest(continued(bodyOf(conversation), found))
    },
    { order: 'pre' },
  )
  api.hooks.onTranslatedReply.tap(async (reply, _target, context) => {
    if (context.protocol !== protocolId || recall(context.conversation).fields.store === false) return
    await book.keep(context.principal?.id, describeReply(reply, context, histories.get(context)))
  })
  continueNatively(api, book)
}

/** The conversation before a request, or why it is not known. */
async function historyOf(book: ReplyBook, { principal }: RequestContext, id: string): Promise<History | string> {
  const { kept, provider } = await book.find(principal?.id, id)
  if (provider !== undefined)
    return `It is kept by the provider "${provider}" itself, and the model is served by another one, which cannot read it: send the whole input instead of the id.`
  return (kept && (await book.historyOf(principal?.id, id, kept))) ?? forgotten
}

/** On the way to the vendor a request stays as it is, unless it goes on from what the vendor cannot know or the caller may not. */
function continueNatively(api: PluginApi, book: ReplyBook): void {
  const before = new WeakMap<Attempt, readonly JsonObject[]>()
  api.hooks.guardAttempt.tap((attempt, context) => {
    const previous = attempt.path === 'identity' && context.protocol === protocolId ? previousIn(context.body) : undefined
    return previous === undefined ? undefined : look(attempt, context, previous)
  })
  api.hooks.modifyUpstream.tap((request, attempt) => {
    const items = before.get(attempt)
    return items === undefined || request.body === null ? request : { ...request, body: withHistory(request.body, items) }
  })

  async function look(attempt: Attempt, context: RequestContext, previous: string): Promise<GatewayError | undefined> {
    const principal = context.principal?.id
    const { kept, provider, foreign } = await book.find(principal, previous)
    // Of somebody without a name it may be older than this process.
    if (provider !== undefined || (!kept && !foreign && principal === undefined)) return undefined
    const history = kept && (await book.historyOf(principal, previous, kept))
    if (!history) return unknownReply(previous, forgotten)
    const items = nativeInput(history.items)
    if (typeof items === 'string')
      return unknownReply(previous, `It holds an item of the type "${items}" of another provider, which the model's own one cannot read: send the whole input.`)
    before.set(attempt, items)
    return undefined
  }
}

function previousIn(body: Buffer): string | undefined {
  // A key that is spelled with escapes is refused where it is looked for.
  if (!body.includes('"previous_response_id"') && !body.includes('\\u00')) return undefined
  const value = peekJson(body, ['previous_response_id']).get('previous_response_id')?.value
  return typeof value === 'string' ? value : undefined
}

function withHistory(body: Buffer | string, items: readonly JsonObject[]): string {
  return JSON.stringify(continued(parseJsonObject(Buffer.from(body)), { ids: [], items }))
}
