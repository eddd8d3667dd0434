import { type Block, type Json, type JsonObject, type ReasoningBlock, reportForeignFields, type Sealed, type TextBlock, type ToolCallBlock } from 'tokligence'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { type EncodeContext, encodeTextParts, isPart, joinParts } from './encode-part.ts'
import { reasoningFields } from './reasoning-fields.ts'
import { isOwnSeal, placeBehind, sealEntry, type ThoughtPlace } from './seal-entry.ts'
import { callInput, encodeLegacyCall, encodeToolCall, isLegacy } from './tool-call.ts'
import { encodeAnnotation } from './url-citation.ts'

export interface AssistantContext extends EncodeContext {
  /** `show`: thoughts are written to the caller. `drop`: thoughts of another vendor are left out of the history. */
  readonly thoughts: 'show' | 'drop'
  /** The caller knows calls by `function_call`, of which there is one to a message. */
  readonly legacyCalls?: boolean
}

/** The members of an assistant's message that stand for its blocks. `content` is absent when nothing stands for it. */
export function assistantFields(
  blocks: readonly (readonly [block: Block, path: string])[],
  form: 'text' | 'blocks' | 'none',
  context: AssistantContext,
): JsonObject {
  const sorted = sortBlocks(blocks, context)
  const parts = encodeTextParts(sorted.content, context)
  const content = parts.length === 0 && sorted.calls.length + sorted.legacy.length > 0 && !context.native ? null : contentOf(parts, form, context)
  const [legacy] = sorted.legacy
  return {
    ...(content !== undefined && { content }),
    ...(sorted.refusal !== '' && { refusal: sorted.refusal }),
    ...(sorted.annotations.length > 0 && { annotations: sorted.annotations }),
    ...withSeals(reasoningFields(sorted.reasoning), sorted.seals),
    ...(sorted.calls.length > 0 && { tool_calls: sorted.calls }),
    ...(legacy && { function_call: encodeLegacyCall(legacy) }),
  }
}

interface SortedBlocks {
  readonly reasoning: ReasoningBlock[]
  readonly content: (readonly [Block, string])[]
  readonly calls: JsonObject[]
  readonly legacy: ToolCallBlock[]
  readonly annotations: Json[]
  readonly seals: (readonly [sealed: Sealed, callId: string | null, after: ThoughtPlace])[]
  refusal: string
  /** Characters of the texts so far. */
  textLength: number
}

function sortBlocks(blocks: readonly (readonly [Block, string])[], context: AssistantContext): SortedBlocks {
  const sorted: SortedBlocks = { reasoning: [], content: [], calls: [], legacy: [], annotations: [], seals: [], refusal: '', textLength: 0 }
  let reordered = false
  for (const [block, path] of blocks) {
    switch (block.type) {
      case 'reasoning':
        if (isPart(block)) sorted.content.push([block, path])
        else if (keepsThoughts(block, path, context)) sorted.reasoning.push(block)
        noteSeal(block, path, sorted, context)
        break
      case 'tool-call':
        sortCall(block, path, sorted, context)
        break
      case 'refusal':
        if (isPart(block)) sorted.content.push([block, path])
        else sorted.refusal += block.text
        break
      case 'tool-result':
        context.losses.dropped(path, 'hosted-tool-result', 'semantic')
        break
      case 'foreign':
        if (recall(block).memo.call === true) sorted.calls.push(block.value as JsonObject)
        else sorted.content.push([block, path])
        break
      default:
        if (block.type === 'text') noteText(block, path, sorted, context)
        if (block.type === 'text' && sorted.calls.length > 0 && !reordered) {
          reordered = true
          context.losses.approximated(path, 'block-order', 'hint', 'Text behind a tool call stands before it.')
        }
        sorted.content.push([block, path])
    }
  }
  return sorted
}

function sortCall(block: ToolCallBlock, path: string, sorted: SortedBlocks, context: AssistantContext): void {
  reportForeignFields(block, path, context.losses, protocolId)
  const isSecondLegacy = block.executedBy === 'client' && context.legacyCalls === true && sorted.legacy.length > 0
  // The seal of a call that is left out would be taken for that of the one that is there.
  if (!isSecondLegacy) noteSeal(block, path, sorted, context)
  if (block.executedBy === 'provider') {
    context.losses.dropped(path, 'hosted-tool-call', 'semantic')
    return
  }
  if (block.namespace !== undefined) context.losses.dropped(`${path}.namespace`, 'tool-namespace', 'semantic')
  if (isSecondLegacy) context.losses.dropped(path, 'parallel-tool-call', 'semantic', 'function_call holds one call.')
  else if (context.legacyCalls) sorted.legacy.push({ ...block, argumentsText: callInput(block, false) })
  else if (isLegacy(block)) sorted.legacy.push(block)
  else sorted.calls.push(encodeToolCall(block, context.native))
}

function keepsThoughts(block: ReasoningBlock, path: string, context: AssistantContext): boolean {
  if (recall(block).memo.spelling !== undefined || isOwnSeal(block.sealed)) return true
  reportForeignFields(block, path, context.losses, protocolId)
  if (context.thoughts === 'drop') {
    // A native history of thoughts that nothing but a seal is left of.
    if (!context.native || !block.sealed)
      context.losses.dropped(path, block.redacted ? 'redacted-thinking' : 'thinking', 'hint', 'Thoughts of earlier turns have no slot.')
    return false
  }
  if (block.redacted && !block.sealed) context.losses.dropped(path, 'redacted-thinking', 'hint')
  return block.text !== ''
}

/** Opaque values of other protocols stand beside the thoughts, for a caller that sends them back. A vendor of this protocol has no slot for them. */
function noteSeal(block: ReasoningBlock | ToolCallBlock | TextBlock, path: string, sorted: SortedBlocks, context: AssistantContext): void {
  if (!block.sealed || isOwnSeal(block.sealed)) return
  if (context.native || context.thoughts === 'show') {
    const after = block.type === 'reasoning' ? placeBehind(sorted.calls.at(-1)?.id, sorted.textLength) : undefined
    sorted.seals.push([block.sealed, block.type === 'tool-call' ? block.id : null, after])
  }
  // Thoughts are reported whole.
  else if (block.type !== 'reasoning') context.losses.dropped(path, 'thinking-signature', 'hint')
}

function noteText(block: TextBlock, path: string, sorted: SortedBlocks, context: AssistantContext): void {
  noteSeal(block, path, sorted, context)
  if (context.thoughts === 'drop' && !context.native) {
    // Of a message that is sent, the vendor knows no `annotations` (openai 6.49.0, ChatCompletionAssistantMessageParam), and stricter hosts refuse them.
    if (block.annotations) context.losses.dropped(`${path}.citations`, 'citations', 'hint')
    return
  }
  const place = { start: sorted.textLength, length: block.text.length }
  const said = (block.annotations ?? []).map((annotation) => encodeAnnotation(annotation, place))
  sorted.annotations.push(...said.filter((annotation) => annotation !== undefined))
  if (said.includes(undefined)) context.losses.dropped(`${path}.citations`, 'citations', 'semantic')
  sorted.textLength += block.text.length
}

function withSeals(fields: JsonObject, seals: SortedBlocks['seals']): JsonObject {
  if (seals.length === 0) return fields
  const details = Array.isArray(fields.reasoning_details) ? fields.reasoning_details : []
  return { ...fields, reasoning_details: [...details, ...seals.map(([sealed, callId, after], index) => sealEntry(sealed, callId, index, after))] }
}

/** Texts of another protocol are one text here: its callers read a string. */
function contentOf(parts: readonly JsonObject[], form: 'text' | 'blocks' | 'none', context: AssistantContext): string | readonly JsonObject[] | undefined {
  const bare = parts.every((part) => part.type === 'text' && (!context.native || Object.keys(part).length === 2))
  // A string that was cut where thoughts stood is one again.
  const joins = context.native ? form === 'text' : context.thoughts === 'show'
  if (joins && bare) return parts.map((part) => part.text).join('')
  return joinParts(parts, form, context.native)
}
