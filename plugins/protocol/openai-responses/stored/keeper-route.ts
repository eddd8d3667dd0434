import type { PluginApi, RoutePlan, RouteTarget } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import { previousReplyOf } from './previous-reply.ts'
import type { ReplyBook } from './reply-book.ts'

/** Of several providers that a request may go to, the one that keeps the reply that it goes on from is tried first. */
export function preferKeepers(api: PluginApi, book: ReplyBook): void {
  api.hooks.modifyRoute.tap(
    (plan, context) => {
      if (plan.targets.length < 2 || context.protocol !== protocolId) return plan
      const previous = previousReplyOf(context)
      return previous === undefined ? plan : withKeeperFirst(book, plan, previous, context.principal?.id)
    },
    // The book has limits of its own.
    { timeout: 0 },
  )
}

async function withKeeperFirst(book: ReplyBook, plan: RoutePlan, previous: string, principal: string | undefined): Promise<RoutePlan> {
  const { keeper } = await book.find(principal, previous)
  if (!keeper) return plan
  const isKeeper = ({ provider }: RouteTarget) => book.isKeeper(provider, keeper)
  return { ...plan, targets: [...plan.targets.filter(isKeeper), ...plan.targets.filter((target) => !isKeeper(target))] }
}
