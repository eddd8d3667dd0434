import { GatewayError, type PluginApi, type Protocol, peekJson, type RequestContext, type RequestRecord } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import { type AskedReply, callsOf, readSettings } from './asked-reply.ts'
import { captureReply } from './capture.ts'
import type { Keeper } from './kept-reply.ts'
import type { ReplyBook } from './reply-book.ts'
import type { RunningReplies } from './running-replies.ts'
import { SeenReplies } from './seen-replies.ts'

/** The end of a reply waits no longer for the store. Milliseconds. */
const patience = 5_000

/**
 * Remembers who keeps the vendor's own replies, and, where there is a store, what was asked for them, before their callers see the end. Answers with
 * the methods of the protocol that see them.
 */
export function rememberNativeReplies(api: PluginApi, book: ReplyBook, running: RunningReplies): Partial<Protocol> {
  const stores = api.config.plugins.some(({ kind }) => kind === 'session')
  const seen = new SeenReplies(running)
  /** Requests for which the store owes an answer, or failed. */
  const unanswered = new WeakSet<RequestContext>()

  const remember = async (record: RequestRecord, context: RequestContext, id: string, keeper: Keeper): Promise<RequestRecord> => {
    const response = seen.of(context)
    const asked = response && describeAsked(callsOf(response), context.model, context.body)
    unanswered.add(context)
    await book.remember(record.principal, id, keeper, asked?.asked, asked?.settings)
    unanswered.delete(context)
    return record
  }
  api.hooks.modifyCharge.tap(
    (record, context) => {
      const { protocol, upstreamProtocol, path, replyId, provider, principal } = record
      if (protocol !== protocolId || upstreamProtocol !== protocolId) return record
      // What a guard put another answer in the place of, or its caller has deleted, is not kept.
      if (path !== 'identity' || running.isDeleted(context.id)) {
        seen.forget(context)
        return record
      }
      if (replyId === undefined || provider === undefined) return record
      const keeper = keeperOf(api, provider)
      book.own(principal, replyId, keeper)
      if (!stores || seen.of(context)?.store === false || peekJson(context.body, ['store']).get('store')?.value === false) return record
      return remember(record, context, replyId, keeper)
    },
    { order: 'pre', timeout: patience },
  )
  if (!stores) return {}
  api.hooks.guardAttempt.tap((attempt, context) => {
    if (context.protocol === protocolId && context.operation === 'generate')
      running.begin(context, attempt.path === 'identity' ? keeperOf(api, attempt.target.provider) : undefined)
    return undefined
  })
  // After `modifyCharge`, whether the ledger took the row or not.
  api.hooks.onRequestEnd.tap(
    async ({ id, protocol, principal }) => {
      if (protocol !== protocolId) return
      const deleted = running.deletedIds(id)
      running.end(id)
      for (const each of deleted) await book.forget(principal?.id, each)
    },
    { order: 'pre' },
  )
  return {
    ...seen.methods,
    async captureReply(context) {
      const response = seen.of(context)
      const provider = context.attempts.at(-1)?.target.provider
      if (!response || provider === undefined) return
      if (unanswered.has(context)) throw new GatewayError('TKL_SESSION_UNAVAILABLE', 'The store has not taken who keeps the reply.')
      await captureReply(book, response, keeperOf(api, provider), context)
    },
  }
}

function keeperOf({ registry }: PluginApi, provider: string): Keeper {
  return { provider, account: registry.get('provider', provider).account }
}

function describeAsked(calls: AskedReply['calls'], model: string, body: Buffer): { readonly asked: AskedReply; readonly settings?: string } {
  return calls.length === 0 ? { asked: { calls, model } } : { asked: { calls, model }, settings: readSettings(body) }
}
