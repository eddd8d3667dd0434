import { type Block, type FieldReader, type Json, type JsonObject, type Memo, type ReasoningBlock, splitUnset } from 'tokligence'
import { type Content, decodeContent } from './decode-part.ts'
import { takeReasoning, takeSeals } from './reasoning-fields.ts'
import type { FoundSeal } from './seal-entry.ts'
import { decodeLegacyCall, decodeToolCall } from './tool-call.ts'
import { decodeAnnotation } from './url-citation.ts'

export interface AssistantMessage {
  readonly form: Content['form']
  /** Thoughts, then content, then a refusal, then calls: the one order that the protocol has. */
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
  const sealed = placeSeals(reasoning.block, calls, seals)
  const blocks: Block[] = [
    ...sealed.thoughts,
    ...(annotated ?? decoded.blocks),
    ...(refused ? [{ type: 'refusal', text: refused } as const] : []),
    ...sealed.calls,
    ...(function_call !== undefined ? [decodeLegacyCall(function_call, legacyId, `${path}.function_call`, read)] : []),
  ]
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

/** The first seal that is no call's stands on the thoughts that were shown; every other one is a hidden thought of its own. */
function placeSeals(thoughts: ReasoningBlock | undefined, calls: readonly Block[], seals: readonly FoundSeal[]) {
  const ofCalls = new Map(seals.flatMap(({ callId, sealed }) => (callId === undefined ? [] : [[callId, sealed] as const])))
  const callIds = new Set(calls.map((call) => (call.type === 'tool-call' ? call.id : undefined)))
  const [first, ...others] = seals.filter(({ callId }) => callId === undefined || !callIds.has(callId))
  const hidden = (seal: FoundSeal): ReasoningBlock => ({ type: 'reasoning', text: '', redacted: true, sealed: seal.sealed })
  const shown = thoughts && first && !thoughts.sealed ? { ...thoughts, sealed: first.sealed } : thoughts
  const left = first && (!thoughts || thoughts.sealed) ? [first, ...others] : others
  return {
    thoughts: [...(shown ? [shown] : []), ...left.map(hidden)],
    calls: calls.map((call): Block => {
      const sealed = call.type === 'tool-call' ? ofCalls.get(call.id) : undefined
      return sealed && call.type === 'tool-call' ? { ...call, sealed } : call
    }),
  }
}

/** Annotations belong to the message's text; undefined when there is no one text to hang them on. */
function annotate(blocks: readonly Block[], annotations: Json | undefined): readonly Block[] | undefined {
  if (!Array.isArray(annotations) || blocks.filter((block) => block.type === 'text').length !== 1) return undefined
  const values = annotations.map((value: Json) => decodeAnnotation(value))
  return blocks.map((block) => (block.type === 'text' ? { ...block, annotations: values } : block))
}
