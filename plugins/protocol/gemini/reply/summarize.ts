import { isJsonObject, type Json, type ReplySummary } from 'tokligence'
import { decodeErrorValue } from '../failure/decode-error.ts'
import { errorIn } from './decode-reply.ts'
import { blockWord, finishWord } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'

/** Usage, id and finish of a whole reply that goes through untouched. Never throws. */
export function summarize(body: Json): ReplySummary {
  const failure = errorIn(body)
  if (failure !== undefined) return { error: decodeErrorValue(failure), complete: false, contentEvents: 0 }
  if (!isJsonObject(body)) return { complete: false, contentEvents: 0 }
  const { responseId, modelVersion, candidates, promptFeedback, usageMetadata } = body
  const list: readonly Json[] = Array.isArray(candidates) ? candidates : []
  const [first] = list
  const usage = decodeUsage(usageMetadata)
  const finish = isJsonObject(first) ? finishWord(first.finishReason) : blockWord(promptFeedback)
  return {
    ...(usage && { usage }),
    ...(typeof responseId === 'string' && responseId !== '' && { id: responseId }),
    ...(typeof modelVersion === 'string' && modelVersion !== '' && { model: modelVersion }),
    ...(finish !== undefined && { finish }),
    complete: Array.isArray(candidates) || isJsonObject(promptFeedback),
    contentEvents: list.length,
  }
}
