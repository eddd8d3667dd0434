import { isJsonObject, type Json, type ReplySummary } from 'tokligence'
import { decodeErrorValue } from '../failure/decode-error.ts'
import { decodeUsage } from './usage.ts'

/** Usage, id and finish of a whole reply that goes through untouched. Never throws. */
export function summarize(body: Json): ReplySummary {
  if (!isJsonObject(body)) return { complete: false, contentEvents: 0 }
  const { id, model, choices, error } = body
  const answered = Array.isArray(choices)
  const first: Json | undefined = answered ? (choices as readonly Json[])[0] : undefined
  const finish = isJsonObject(first) ? first.finish_reason : undefined
  const usage = decodeUsage(body.usage)
  return {
    ...(usage && { usage }),
    ...(typeof id === 'string' && id !== '' && { id }),
    ...(typeof model === 'string' && model !== '' && { model }),
    ...(typeof finish === 'string' && { finish }),
    ...(!answered && isJsonObject(error) && { error: decodeErrorValue(error) }),
    complete: answered,
    contentEvents: answered ? (choices as readonly Json[]).length : 0,
  }
}
