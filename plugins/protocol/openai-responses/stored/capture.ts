import type { JsonObject, RequestContext } from 'tokligence'
import { bodyOf, describeResponse, type History, itemsOf, type Keeper } from './kept-reply.ts'
import type { ReplyBook } from './reply-book.ts'

/**
 * Keeps a copy of a reply that its vendor keeps as well, for a request that goes on from it elsewhere. None is made where the caller does not want the
 * reply to be stored, where the vendor says that he does not store it, and where a part of the conversation is known to the vendor alone. Rejects as the store does.
 */
export async function captureReply(book: ReplyBook, response: JsonObject, keeper: Keeper, context: RequestContext): Promise<void> {
  if (response.status !== 'completed' && response.status !== 'incomplete') return
  const body = bodyOf(context.conversation)
  if (response.store === false || body.store === false || restsOnVendor(body)) return
  const principal = context.principal?.id
  const history = typeof body.previous_response_id === 'string' ? await historyOf(book, principal, body.previous_response_id) : []
  if (history) await book.keep(principal, { ...describeResponse(response, body, history), keeper })
}

/** Conversations, prompts and items that are named by their ids (openai 6.49.0, ResponseCreateParamsBase, ResponseInputItem.ItemReference). */
function restsOnVendor({ conversation, prompt, input }: JsonObject): boolean {
  const isGiven = (value: unknown) => value !== undefined && value !== null
  return isGiven(conversation) || isGiven(prompt) || itemsOf(input).some(({ type }) => type === 'item_reference')
}

async function historyOf(book: ReplyBook, principal: string | undefined, id: string): Promise<History | undefined> {
  const previous = await book.copyOf(principal, id)
  return previous && book.historyOf(principal, id, previous)
}
