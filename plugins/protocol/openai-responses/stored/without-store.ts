import { GatewayError, type Protocol } from 'tokligence'
import { unknownReply } from '../request/settle.ts'
import { previousIn } from './previous-reply.ts'
import type { ReplyOwners } from './reply-owners.ts'
import { forgotten } from './unknown-reasons.ts'

/**
 * Where nothing is kept there is nothing that results could be put to. Who has got a native reply is known all the same, as long as the process lives:
 * nobody else goes on from it. While no caller has a name bodies are not looked into.
 */
export function withoutStore(owners: ReplyOwners): NonNullable<Protocol['completeBody']> {
  return ({ params: { id }, body }, { principal }) => {
    if (id !== undefined) throw new GatewayError('TKL_NOT_FOUND', nothingKept(id))
    const previous = owners.named ? previousIn(body) : undefined
    if (previous !== undefined && owners.isForeign(principal?.id, previous)) throw unknownReply(previous, forgotten)
    return body
  }
}

function nothingKept(id: string): string {
  return `What was asked for the reply "${id}" is not kept: add memorySessions() or sqliteSessions() to the configuration, or send a request with the results as its input.`
}
