import type { Reply } from '../conversation/index.ts'
import { answerGuard } from './answer-guard.ts'
import type { Exchanged } from './deliver.ts'
import type { Delivery } from './delivery.ts'

/** Asks `guardReply` whether the reply may go out; answers with what goes out instead. */
export async function guardReply({ generation, request, prepared, answer, client }: Exchanged, reply: Reply | undefined): Promise<Delivery | undefined> {
  const said = await generation.hooks.run('guardReply', { attempt: prepared.attempt, status: answer.status, ...(reply && { reply }) }, request)
  return said === undefined ? undefined : answerGuard(generation, request, client, said)
}
