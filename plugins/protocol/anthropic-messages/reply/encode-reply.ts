import type { EncodeReplyOptions, Json, JsonObject, Reply } from 'tokligence'
import { HostedCalls } from '../message/hosted-call.ts'
import { isOwn, ownFields, reportForeignFields } from '../wire/extensions.ts'
import { asObject } from '../wire/shape.ts'
import { encodeReplyBlock, isHollow, looseSeal, reportLastSeal, sealBlock } from './encode-reply-block.ts'
import { encodeStop, noteContent, type StopContent } from './stop-reason.ts'
import { encodeUsage } from './usage.ts'

export function encodeReply(reply: Reply, options: EncodeReplyOptions): Json {
  const { losses } = options
  const own = isOwn(reply.ext)
  const [candidate, ...others] = reply.candidates
  if (others.length > 0) losses.dropped('candidates', 'candidates', 'semantic', 'Only the first alternative is written.')
  if (candidate?.logprobs !== undefined || candidate?.tokens !== undefined) losses.dropped('logprobs', 'logprobs', 'semantic')
  if (candidate) reportForeignFields(candidate.ext, '', losses)
  const content: JsonObject[] = []
  const seen: StopContent = { calledTool: false, refused: false }
  const context = { losses, hosted: new HostedCalls() }
  /** The opaque values of texts, until something follows them. */
  let held: readonly { readonly wire: JsonObject; readonly path: string }[] = []
  const add = (wire: JsonObject) => {
    content.push(...held.map((each) => each.wire), wire)
    held = []
  }
  for (const [index, block] of (candidate?.blocks ?? []).entries()) {
    const path = `content[${index}]`
    noteContent(seen, block)
    const wire = encodeReplyBlock(block, path, context)
    const seal = looseSeal(block)
    if (seal && block.type !== 'text') add(sealBlock(seal))
    if (wire && (own || !isHollow(block))) add(wire)
    if (seal && block.type === 'text') held = [...held, { wire: sealBlock(seal), path }]
  }
  for (const { path } of held) reportLastSeal(path, losses)
  if (!reply.usage) losses.invented('usage', 'usage', 'hint', 'The provider reported none; the input is estimated.')
  const finish = candidate?.finish ?? { reason: 'other' as const }
  const { usage: startUsage, ...head } = replyHead(reply, options)
  const { usage: endUsage, ...end } = ownFields(candidate?.ext)
  return {
    ...head,
    content,
    stop_reason: encodeStop(finish, seen, own, losses),
    stop_sequence: finish.stopSequence ?? null,
    ...end,
    usage: encodeUsage(reply.usage, { input: options.estimatedInput, rest: { ...asObject(startUsage), ...asObject(endUsage) }, own }),
  }
}

/** Everything in front of the content, and the rest of the usage object as `usage`. */
export function replyHead(reply: Omit<Reply, 'candidates' | 'usage'>, { losses, conversation, replyId }: EncodeReplyOptions): JsonObject {
  const { id } = reply
  reportForeignFields(reply.ext, '', losses)
  if (reply.serviceTier !== undefined && !isOwn(reply.ext)) losses.dropped('service_tier', 'service-tier', 'hint', reply.serviceTier)
  return {
    id: id !== undefined && (isOwn(reply.ext) || id.startsWith('msg_')) ? id : `msg_${replyId.replaceAll('-', '')}`,
    type: 'message',
    role: 'assistant',
    model: reply.model ?? conversation.model,
    ...ownFields(reply.ext),
  }
}
