import { randomUUID } from 'node:crypto'
import {
  type Block,
  type Conversation,
  type FieldReader,
  type FunctionTool,
  isJsonObject,
  type Json,
  type JsonObject,
  splitUnset,
  type ToolCallBlock,
  type ToolResultBlock,
} from 'tokligence'
import { protocolId, recall, recallInner, remember, rememberInner } from '../wire/wire-memo.ts'
import { isOwnSeal } from './seal-entry.ts'

/** A member of `tool_calls`. */
export function decodeToolCall(value: Json, path: string, read: FieldReader): Block {
  const call = read.object(value, path)
  const { given, unset } = splitUnset(call)
  const { id, type, ...others } = given
  const kind = read.optionalString(type, `${path}.type`) ?? 'function'
  if (kind !== 'function' && kind !== 'custom') return { type: 'foreign', protocol: protocolId, kind, value: call, ...remember({}, { call: true }) }
  const { [kind]: body, ...left } = others
  const { sealed, rest } = takeSignature(left)
  const inputField = kind === 'function' ? 'arguments' : 'input'
  const { given: wrapped, unset: unsetInner } = splitUnset(read.object(body, `${path}.${kind}`))
  const { name, [inputField]: input, ...inner } = wrapped
  return {
    type: 'tool-call',
    id: id === undefined && read.lenient ? inventCallId() : read.string(id, `${path}.id`),
    name: read.string(name, `${path}.${kind}.name`),
    argumentsText: argumentsText(input, `${path}.${kind}.${inputField}`, read),
    form: kind === 'function' ? 'json' : 'text',
    executedBy: 'client',
    ...sealed,
    ...rememberInner(rest, kind, inner, { unset, unsetInner, untyped: type === undefined ? true : undefined }),
  }
}

/**
 * Gemini's endpoint for this protocol signs its calls, and answers 400 to a call that comes back without (ai.google.dev/gemini-api/docs/openai,
 * "Thought signatures").
 */
export function takeSignature(call: JsonObject): { readonly sealed: Pick<ToolCallBlock, 'sealed'>; readonly rest: JsonObject } {
  const { extra_content: extra, ...rest } = call
  const google = isJsonObject(extra) && Object.keys(extra).length === 1 ? extra.google : undefined
  const signature = isJsonObject(google) && Object.keys(google).length === 1 ? google.thought_signature : undefined
  if (typeof signature !== 'string' || signature === '') return { sealed: {}, rest: call }
  return { sealed: { sealed: { issuer: protocolId, value: signature } }, rest }
}

/** The member that holds a host's own signature of a call. */
export function signatureField({ sealed }: Pick<ToolCallBlock, 'sealed'>): JsonObject {
  return isOwnSeal(sealed) ? { extra_content: { google: { thought_signature: sealed.value } } } : {}
}

/** `function_call`, which came before `tool_calls` and has no id. */
export function decodeLegacyCall(value: Json, id: string, path: string, read: FieldReader): ToolCallBlock {
  const { name, arguments: input, ...rest } = read.object(value, path)
  return {
    type: 'tool-call',
    id,
    name: read.string(name, `${path}.name`),
    argumentsText: argumentsText(input, `${path}.arguments`, read),
    form: 'json',
    executedBy: 'client',
    ...rememberInner({}, 'function_call', rest, { legacy: true }),
  }
}

/** Callers must send text; some hosts answer with an object, or with nothing for a tool without parameters. */
function argumentsText(value: Json | undefined, path: string, read: FieldReader): string {
  if (typeof value === 'string' || !read.lenient) return read.string(value, path)
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** An id for a call that a host left without one; unique over turns, because results are matched by it. */
export function inventCallId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`
}

export function isLegacy(node: ToolCallBlock | ToolResultBlock | FunctionTool): boolean {
  return recall(node).memo.legacy === true
}

/** True for a caller that offered `functions`, to be answered with `function_call`. */
export function expectsLegacyCall({ tools }: Conversation): boolean {
  return tools.some((tool) => tool.type === 'function' && isLegacy(tool))
}

export function encodeToolCall(block: ToolCallBlock, native: boolean): JsonObject {
  const kind = block.form === 'json' ? 'function' : 'custom'
  const { outer, inner, memo } = recallInner(block, kind)
  const body = { ...inner, name: block.name, [kind === 'function' ? 'arguments' : 'input']: callInput(block, native) }
  return { ...outer, ...signatureField(block), id: block.id, ...(memo.untyped !== true && { type: kind }), [kind]: body }
}

export function encodeLegacyCall(block: ToolCallBlock): JsonObject {
  return { ...recallInner(block, 'function_call').inner, name: block.name, arguments: block.argumentsText }
}

/** Other protocols stream nothing for a tool without parameters; here callers parse the text as JSON. */
export function callInput(block: ToolCallBlock, native: boolean): string {
  return block.argumentsText === '' && block.form === 'json' && !native ? '{}' : block.argumentsText
}
