import type { ClientReply } from '../client-reply.ts'
import type { Reply } from '../conversation/index.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'
import { answerGuard } from './answer-guard.ts'
import type { Delivery } from './delivery.ts'
import type { Prepared } from './prepare.ts'

/** Asks `guardReply`, when it is tapped, whether the reply may go out; answers with what goes out instead. */
export async function guardReply(
  generation: Generation,
  request: GatewayRequest,
  prepared: Prepared,
  client: ClientReply,
  status: number,
  reply: (() => Reply) | undefined,
): Promise<Delivery | undefined> {
  if (!generation.hooks.used.guardReply) return undefined
  const answer = await generation.hooks.run('guardReply', { attempt: prepared.attempt, status, ...(reply && { reply: reply() }) }, request)
  return answer === undefined ? undefined : answerGuard(generation, request, client, answer)
}
