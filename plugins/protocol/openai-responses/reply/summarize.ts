import { isJsonObject, type Json, type JsonObject, type ReplySummary } from 'tokligence'
import { decodeFailure } from './response-error.ts'
import { decodeUsage } from './usage.ts'

/** Usage, id and finish of a whole reply that goes through untouched. Never throws. */
export function summarize(body: Json): ReplySummary {
  if (!isJsonObject(body)) return { complete: false, contentEvents: 0 }
  const answered = Array.isArray(body.output)
  const failed = body.status === 'failed' || (!answered && isJsonObject(body.error))
  return {
    ...describe(body),
    ...(failed && { error: decodeFailure(body.error) }),
    complete: answered && !failed,
    contentEvents: answered ? (body.output as readonly Json[]).length : 0,
  }
}

/** What a response tells, whole or in the last event of a stream. */
export function describe({ id, model, status, incomplete_details: details, usage: raw }: JsonObject): Pick<ReplySummary, 'usage' | 'id' | 'model' | 'finish'> {
  const usage = decodeUsage(raw)
  const reason = status === 'incomplete' && isJsonObject(details) ? details.reason : undefined
  const finish = typeof reason === 'string' ? reason : status
  return {
    ...(usage && { usage }),
    ...(typeof id === 'string' && id !== '' && { id }),
    ...(typeof model === 'string' && model !== '' && { model }),
    ...(typeof finish === 'string' && { finish }),
  }
}
