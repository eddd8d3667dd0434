import type { EncodeReplyOptions, Json, JsonObject, Memo, Reply } from 'tokligence'

type Described = Pick<Reply, 'id' | 'model' | 'created' | 'serviceTier'>

/** The members of a reply, or of a chunk, that are looked into. */
export const replyFields = ['candidates', 'usageMetadata', 'modelVersion', 'responseId', 'createTime', 'promptFeedback'] as const

/** Members of a reply or of a chunk that the neutral form names. One of another type than usual stays with the rest. */
export function takeDescription(fields: JsonObject): { readonly known: Omit<Described, 'serviceTier'>; readonly rest: JsonObject; readonly memo: Memo } {
  const { responseId, modelVersion, createTime, ...rest } = fields
  const created = typeof createTime === 'string' ? Date.parse(createTime) : Number.NaN
  const hasId = typeof responseId === 'string' && responseId !== ''
  const hasModel = typeof modelVersion === 'string' && modelVersion !== ''
  return {
    known: {
      ...(hasId && { id: responseId }),
      ...(hasModel && { model: modelVersion }),
      ...(!Number.isNaN(created) && { created: Math.floor(created / 1_000) }),
    },
    rest: {
      ...rest,
      ...(!hasId && responseId !== undefined && { responseId }),
      ...(!hasModel && modelVersion !== undefined && { modelVersion }),
      ...(Number.isNaN(created) && createTime !== undefined && { createTime }),
    },
    // It counts parts of a second.
    memo: { createTime: Number.isNaN(created) ? undefined : createTime },
  }
}

/** The members that say which reply it is. */
export function describeReply(reply: Described, memo: JsonObject, options: EncodeReplyOptions): JsonObject {
  const createTime: Json | undefined = memo.createTime ?? timestamp(reply.created)
  if (memo.native === true) {
    return {
      ...(reply.model !== undefined && { modelVersion: reply.model }),
      ...(createTime !== undefined && { createTime }),
      ...(reply.id !== undefined && { responseId: reply.id }),
    }
  }
  if (reply.serviceTier !== undefined) options.losses.dropped('service_tier', 'service-tier', 'hint', reply.serviceTier)
  return {
    modelVersion: reply.model ?? options.conversation.model,
    ...(createTime !== undefined && { createTime }),
    responseId: reply.id ?? options.replyId,
  }
}

/** Undefined for a second that no calendar has. */
function timestamp(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? Number.NaN) * 1_000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
