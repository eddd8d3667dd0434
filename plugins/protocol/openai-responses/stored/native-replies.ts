import { type PluginApi, type Protocol, peekJson } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import { type AskedReply, callsOf, readSettings } from './asked-reply.ts'
import { captureReply } from './capture.ts'
import type { Keeper } from './kept-reply.ts'
import type { ReplyBook } from './reply-book.ts'
import type { RunningReplies } from './running-replies.ts'
import { SeenReplies } from './seen-replies.ts'

/**
 * Remembers who keeps the vendor's own replies, and, where there is a store, what was asked for them. Answers with the methods of the protocol that see
 * them.
 */
export function rememberNativeReplies(api: PluginApi, book: ReplyBook, running: RunningReplies): Partial<Protocol> {
  const stores = api.config.plugins.some(({ kind }) => kind === 'session')
  const seen = new SeenReplies()
  api.hooks.onMeter.tap(async (record, context) => {
    const { protocol, upstreamProtocol, replyId, provider, principal } = record
    if (protocol !== protocolId) return
    try {
      if (upstreamProtocol !== protocolId || replyId === undefined || provider === undefined) return
      const keeper = keeperOf(api, provider)
      book.own(principal, replyId, keeper)
      if (!stores || peekJson(context.body, ['store']).get('store')?.value === false) return
      const response = seen.of(context)
      const asked = response && describeAsked(callsOf(response), context.model, context.body)
      await book.remember(principal, replyId, keeper, asked?.asked, asked?.settings)
    } finally {
      running.end(context)
    }
  })
  if (!stores) return {}
  api.hooks.guardAttempt.tap((_attempt, context) => {
    if (context.protocol === protocolId && context.operation === 'generate') running.begin(context)
    return undefined
  })
  return {
    ...seen.methods,
    async captureReply(context) {
      const response = seen.of(context)
      const provider = context.attempts.at(-1)?.target.provider
      if (response && provider !== undefined) await captureReply(book, response, keeperOf(api, provider), context)
    },
  }
}

function keeperOf({ registry }: PluginApi, provider: string): Keeper {
  return { provider, account: registry.get('provider', provider).account }
}

function describeAsked(calls: AskedReply['calls'], model: string, body: Buffer): { readonly asked: AskedReply; readonly settings?: string } {
  if (calls.length === 0) return { asked: { calls, model } }
  const { settings, digest } = readSettings(body)
  return { asked: { calls, model, settings: digest }, settings }
}
