import { type Finish, type FinishReason, isJsonObject, type Json, type LossSink } from 'tokligence'

/** FinishReason in @google/genai 3.1.0; `MISSING_THOUGHT_SIGNATURE` is in the API's reference (ai.google.dev, GenerateContentResponse) alone. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ['IMAGE_RECITATION', 'content-filter'],
  ['MODEL_ARMOR', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['UNEXPECTED_TOOL_CALL', 'error'],
  ['TOO_MANY_TOOL_CALLS', 'error'],
  ['MALFORMED_RESPONSE', 'error'],
  ['MISSING_THOUGHT_SIGNATURE', 'error'],
  ['CONTINUATION', 'pause'],
])

/**
 * By their numbers, which stand there when `$alt=json;enum-encoding=int` asks for them (googleapis/googleapis,
 * google/ai/generativelanguage/v1beta/generative_service.proto, Candidate.FinishReason).
 */
const numbered: readonly string[] = (
  'FINISH_REASON_UNSPECIFIED STOP MAX_TOKENS SAFETY RECITATION OTHER LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII MALFORMED_FUNCTION_CALL IMAGE_SAFETY ' +
  'UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS IMAGE_PROHIBITED_CONTENT IMAGE_OTHER NO_IMAGE IMAGE_RECITATION'
).split(' ')

/** What hosts that write fields without a value have in every chunk but the last: "If empty, the model has not stopped generating tokens." */
const unspecified = 'FINISH_REASON_UNSPECIFIED'

/** The word for what stands on the wire; undefined when nothing does. */
export function finishWord(value: Json | undefined): string | undefined {
  const word = typeof value === 'number' ? (numbered[value] ?? String(value)) : value
  return typeof word === 'string' && word !== '' && word !== unspecified ? word : undefined
}

/** Why a prompt was refused, by the word of `promptFeedback.blockReason`; undefined when it was not. */
export function blockWord(promptFeedback: Json | undefined): string | undefined {
  const reason = isJsonObject(promptFeedback) ? promptFeedback.blockReason : undefined
  return (typeof reason === 'string' && reason !== '') || typeof reason === 'number' ? String(reason) : undefined
}

/** The vendor ends with `STOP` for calls too. */
export function decodeFinish(raw: string | undefined, calls: boolean): Finish {
  if (raw === undefined) return { reason: 'other' }
  const reason = reasons.get(raw) ?? 'other'
  return { reason: reason === 'stop' && calls ? 'tool-calls' : reason, raw }
}

/** The word for a reply of another protocol. `path` is empty or ends in a dot. */
export function encodeFinish(finish: Finish, path: string, losses: LossSink): string {
  if (finish.stopSequence !== undefined) losses.dropped(`${path}stopSequence`, 'stop-sequence', 'hint', finish.stopSequence)
  switch (finish.reason) {
    case 'stop':
    case 'stop-sequence':
    case 'tool-calls':
      return 'STOP'
    case 'length':
      return 'MAX_TOKENS'
    case 'refusal':
    case 'content-filter':
      return 'SAFETY'
    case 'context':
      return approximated(finish, 'MAX_TOKENS', path, losses)
    case 'pause':
      return approximated(finish, 'STOP', path, losses)
    case 'error':
      return approximated(finish, 'OTHER', path, losses)
    case 'other':
      return 'OTHER'
  }
}

function approximated(finish: Finish, word: string, path: string, losses: LossSink): string {
  losses.approximated(`${path}finishReason`, 'finish-reason', 'hint', `${finish.raw ?? finish.reason} became ${word}`)
  return word
}
