import { randomUUID } from 'node:crypto'
import { type Candidate, GatewayError, isJsonObject, type Json, type JsonObject, type Reply, replyReader as read } from 'tokligence'
import { decodeErrorValue } from '../failure/decode-error.ts'
import { CallIds } from '../part/call-ids.ts'
import { decodePart } from '../part/decode-part.ts'
import { takeFields } from '../wire/fields.ts'
import { remember } from '../wire/wire-memo.ts'
import { withAnnotations } from './annotate.ts'
import { type ContentShape, candidateFields, describeCandidate } from './candidate-fields.ts'
import { blockWord } from './finish-reason.ts'
import { replyFields, takeDescription } from './reply-description.ts'
import { decodeUsage } from './usage.ts'

/** A whole reply. Throws GatewayError `TKL_UPSTREAM_MALFORMED`, or the vendor's own error when that is what came with status 200. */
export function decodeReply(body: Json): Reply {
  const failure = errorIn(body)
  if (failure !== undefined) throw GatewayError.fromWire(decodeErrorValue(failure))
  const { fields, rest: others, snake } = takeFields(read.object(body, 'the body'), replyFields)
  const { candidates, usageMetadata, promptFeedback, ...described } = fields
  const usage = decodeUsage(usageMetadata)
  const { known, rest, memo } = takeDescription(described as JsonObject)
  const list = candidates === undefined ? [] : read.array(candidates, 'candidates')
  const blocked = list.length === 0 && promptFeedback !== undefined
  if (candidates === undefined && !blocked) throw read.fault('candidates', 'an array')
  const seed = known.id ?? randomUUID()
  return {
    ...known,
    candidates: blocked ? [blockedCandidate(promptFeedback)] : list.map((candidate, position) => decodeCandidate(candidate, position, seed)),
    ...(usage && { usage }),
    ...remember(
      {
        ...others,
        ...rest,
        ...(promptFeedback !== undefined && { promptFeedback }),
        ...(!usage && usageMetadata !== undefined && { usageMetadata }),
      },
      { ...memo, native: true, snake, blocked: blocked ? (candidates === undefined ? 'absent' : 'empty') : undefined },
    ),
  }
}

/** An error under status 200 stands by itself, or, from the endpoint that streams arrays, in a list. */
export function errorIn(body: Json | undefined): Json | undefined {
  const value: Json | undefined = Array.isArray(body) ? (body as readonly Json[])[0] : body
  return isJsonObject(value) && value.candidates === undefined && isJsonObject(value.error) ? value.error : undefined
}

/** A prompt that the vendor refuses to answer has no candidate, and says why in `promptFeedback`. */
export function blockedCandidate(promptFeedback: Json): Candidate {
  const reason = blockWord(promptFeedback)
  return { blocks: [], finish: { reason: 'content-filter', ...(reason !== undefined && { raw: reason }) } }
}

/** Ids of calls have to differ between candidates too. */
export function callSeed(seed: string, position: number): string {
  return `${seed}/${position}`
}

function decodeCandidate(value: Json, position: number, seed: string): Candidate {
  const path = `candidates[${position}]`
  const { fields, rest, snake } = takeFields(read.object(value, path), candidateFields)
  const { content, ...others } = fields
  const { parts, shape } = readContent(content, `${path}.content`)
  const calls = new CallIds(callSeed(seed, position))
  const blocks = parts.map((part, index) => {
    const at = `${path}.content.parts[${index}]`
    return decodePart(read.object(part, at), at, read, calls)
  })
  return {
    blocks: withAnnotations(blocks, others.groundingMetadata, others.citationMetadata),
    ...describeCandidate(others, rest, blocks, { ...shape, snake }, position),
  }
}

/** Content may be missing where nothing was said, and its parts too. */
export function readContent(content: Json | undefined, path: string): { readonly parts: readonly Json[]; readonly shape: ContentShape } {
  if (content === undefined) return { parts: [], shape: { present: false, parts: false, role: undefined, rest: {} } }
  const { fields, rest } = takeFields(read.object(content, path), ['parts', 'role'])
  const parts = read.optionalArray(fields.parts, `${path}.parts`)
  return { parts, shape: { present: true, parts: fields.parts !== undefined, role: fields.role, rest } }
}
