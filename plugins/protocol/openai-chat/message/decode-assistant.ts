import { type Block, type FieldReader, type Json, type JsonObject, type Memo, splitUnset } from 'tokligence'
import { type Content, decodeContent } from './decode-part.ts'
import { placeSeals } from './place-seals.ts'
import { takeReasoning, takeSeals } from './reasoning-fields.ts'
import type { FoundSeal } from './seal-entry.ts'
import { decodeLegacyCall, decodeToolCall } from './tool-call.ts'
import { decodeAnnotation } from './url-citation.ts'

export interface AssistantMessage {
  readonly form: Content['form']
  /** Thoughts, then content, then a refusal, then calls: the one order that the protocol has, but for thoughts that tell their place. */
  readonly blocks: readonly Block[]
  readonly rest: JsonObject
  readonly memo: Memo
}

/** An assistant's message, of a caller's history or of a reply. `legacyId` becomes the id of a `function_call`, which has none. */
export function decodeAssistant(message: JsonObject, path: string, read: FieldReader, legacyId: string): AssistantMessage {
  const { message: unsealed, seals } = read.lenient ? { message, seals: [] } : takeSeals(message)
  const { content, role, ...others } = unsealed
  const { given, unset } = splitUnset(others)
  const { refusal, tool_calls, function_call, annotations, ...unread } = given
  const reasoning = takeReasoning(unread)
  const decoded = decodeContent(content, `${path}.content`, read)
  const refused = read.optionalString(refusal, `${path}.refusal`)
  const annotated = annotate(decoded.blocks, annotations)
  const calls = read.optionalArray(tool_calls, `${path}.tool_calls`).map((call, index) => decodeToolCall(call, `${path}.tool_calls[${index}]`, read))
  const said = { thoughts: reasoning.block, content: annotated ?? decoded.blocks, refused }
  const legacy = function_call === undefined ? undefined : decodeLegacyCall(function_call, legacyId, `${path}.function_call`, read)
  const blocks = legacy
    ? placeSeals({ ...said, calls: [...calls, legacy] }, decoded.form, withLegacySeal(seals, legacyId, calls))
    : placeSeals({ ...said, calls }, decoded.form, seals)
  return {
    form: decoded.form,
    blocks,
    rest: { ...reasoning.rest, ...(annotations !== undefined && !annotated && { annotations }) },
    memo: {
      unset: { ...unset, ...reasoning.unset, ...(content === null && { content }), ...(refused === '' && { refusal: '' }) },
      // Some hosts leave the role out, or send null.
      role: role === 'assistant' ? undefined : role === undefined ? false : role,
    },
  }
}

/** The caller of a `function_call` was told no id, so that the seal of a call which is not there by its id is that call's. */
function withLegacySeal(seals: readonly FoundSeal[], legacyId: string, calls: readonly Block[]): readonly FoundSeal[] {
  const isThere = (callId: string) => calls.some((call) => call.type === 'tool-call' && call.id === callId)
  const own = seals.find(({ callId }) => callId !== undefined && !isThere(callId))
  return seals.map((seal) => (seal === own ? { ...seal, callId: legacyId } : seal))
}

/** Annotations belong to the message's text; undefined when there is no one text to hang them on. */
function annotate(blocks: readonly Block[], annotations: Json | undefined): readonly Block[] | undefined {
  if (!Array.isArray(annotations) || blocks.filter((block) => block.type === 'text').length !== 1) return undefined
  const values = annotations.map((value: Json) => decodeAnnotation(value))
  return blocks.map((block) => (block.type === 'text' ? { ...block, annotations: values } : block))
}
