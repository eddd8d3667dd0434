import { createHash } from 'node:crypto'

/**
 * Longest `call_id` and longest item id that the vendor takes (“string too long. Expected a string with maximum length 64”,
 * AnswerDotAI/fastllm issue 45, anomalyco/opencode pull request 44587).
 */
const longestId = 64

/** The `call_id` for a call of another protocol in a history; the same for the call and for its result. */
export function legalCallId(id: string): string {
  return id.length <= longestId ? id : `call_${digest(id)}`
}

/** The id of an item in a history, made from the block's own: the vendor checks how it begins, its characters and its length. */
export function itemIdFrom(prefix: string, id: string): string {
  return `${prefix}_${digest(id)}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40)
}
