import { type Attempt, type GatewayError, type PluginApi, parseJsonObject, type RequestContext, type UpstreamRequest } from 'tokligence'
import { unknownReply } from '../request/settle.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { earlierFailure } from './earlier-failure.ts'
import { continued, itemsIn, itemsOf } from './kept-reply.ts'
import { type NativeInput, nativeInput, withLegalCallId } from './native-input.ts'
import { previousReplyOf } from './previous-reply.ts'
import type { ReplyBook } from './reply-book.ts'
import { forgotten, keptElsewhere, unreadable } from './unknown-reasons.ts'

/** What a vendor is told in place of an id that he cannot know. */
interface Before extends NativeInput {
  /** The last reply of the conversation that he gave himself, and knows with all that came before it. */
  readonly previous: string | undefined
}

/** On the way to the vendor a request stays as it is, unless it goes on from what the vendor's account cannot know or the caller may not. */
export function continueNatively(api: PluginApi, book: ReplyBook): void {
  const before = new WeakMap<Attempt, Before>()
  api.hooks.guardAttempt.tap(
    (attempt, context) => {
      const previous = attempt.path === 'identity' && context.protocol === protocolId ? previousReplyOf(context) : undefined
      return previous === undefined ? undefined : look(attempt, context, previous)
    },
    // The book has limits of its own.
    { timeout: 0 },
  )
  api.hooks.modifyUpstream.tap((request, attempt) => {
    const found = before.get(attempt)
    return found === undefined || request.body === null ? request : withHistory(request, Buffer.from(request.body), found)
  })

  async function look(attempt: Attempt, context: RequestContext, id: string): Promise<GatewayError | undefined> {
    const principal = context.principal?.id
    const { provider } = attempt.target
    const { kept, keeper, foreign } = await book.find(principal, id)
    if (keeper && book.isKeeper(provider, keeper)) return undefined
    // Of somebody without a name it may be older than this process.
    if (!kept && !keeper && !foreign && principal === undefined) return undefined
    const whole = kept ?? (keeper && (await book.copyOf(principal, id)))
    const history = whole && (await book.historyOf(principal, id, whole, context.body.length))
    if (!history) return earlierFailure(context) ?? unknownReply(id, keeper ? keptElsewhere(keeper) : forgotten)
    const own = history.findLastIndex((reply) => reply.keeper && book.isKeeper(provider, reply.keeper))
    const input = nativeInput(itemsIn(history.slice(own + 1)))
    if (typeof input === 'string') return earlierFailure(context) ?? unknownReply(id, unreadable(input))
    before.set(attempt, { ...input, previous: history[own]?.id })
    return undefined
  }
}

function withHistory(request: UpstreamRequest, body: Buffer, { items, losses, previous }: Before): UpstreamRequest {
  const { input, ...asked } = parseJsonObject(body)
  // The outputs in the request are for calls of the conversation, and follow their ids.
  const said = continued({ ...asked, input: itemsOf(input).map(withLegalCallId) }, items)
  return {
    ...request,
    body: JSON.stringify(previous === undefined ? said : { ...said, previous_response_id: previous }),
    ...(losses.length > 0 && { losses: [...(request.losses ?? []), ...losses] }),
  }
}
