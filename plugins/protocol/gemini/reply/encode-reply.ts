import { type EncodeReplyOptions, type JsonObject, type Reply, reportForeignFields } from 'tokligence'
import { spell } from '../wire/fields.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { encodeCandidate } from './encode-candidate.ts'
import { describeReply } from './reply-description.ts'
import { encodeUsage } from './usage.ts'

export function encodeReply(reply: Reply, options: EncodeReplyOptions): JsonObject {
  const { fields, memo } = recall(reply)
  const native = memo.native === true
  reportForeignFields(reply, '', options.losses, protocolId)
  const usage = encodeUsage(reply.usage, native, options)
  const candidates = isBlocked(reply) ? undefined : reply.candidates.map((candidate, index) => encodeCandidate(candidate, index, native, options))
  const described = {
    ...(candidates && { candidates }),
    ...(memo.blocked === 'empty' && !candidates && { candidates: [] }),
    ...(usage && { usageMetadata: usage }),
    ...describeReply(reply, memo, options),
  }
  return { ...fields, ...spell(described, memo.snake) }
}

/** The vendor refused the prompt, and nothing was put in the place of its answer since. */
function isBlocked(reply: Reply): boolean {
  return recall(reply).memo.blocked !== undefined && reply.candidates.every(({ blocks }) => blocks.length === 0)
}
