import type { Block, FieldReader, Json, JsonObject, ReasoningBlock, Sealed, TextBlock, ToolCallBlock } from 'tokligence'
import { takeFields } from '../wire/fields.ts'
import { protocolId, remember, rememberInner } from '../wire/wire-memo.ts'
import type { CallIds } from './call-ids.ts'
import { decodeFileData, decodeInlineData } from './decode-media.ts'
import { decodeCodeResult, decodeFunctionResponse, decodeServerResult } from './decode-result.ts'
import { foreignPart, givenId } from './foreign-part.ts'
import { codeExecution, serverTools } from './hosted-tools.ts'

const bodies = [
  'functionCall',
  'functionResponse',
  'inlineData',
  'fileData',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
  'text',
] as const

/** Fields that may stand beside any body, or by themselves in a part that has none. */
const markers: ReadonlySet<string> = new Set(['thought', 'thoughtSignature', 'thought_signature', 'partMetadata', 'part_metadata'])

/**
 * One part of a content (Part in @google/genai 3.1.0). `calls` is that of the conversation, or of the candidate. A part without a neutral form becomes a
 * foreign block, whole. Throws what `read` throws for a field of the wrong type.
 */
export function decodePart(part: JsonObject, path: string, read: FieldReader, calls: CallIds): Block {
  const { fields } = takeFields(part, bodies)
  const body = bodies.find((name) => fields[name] !== undefined)
  switch (body) {
    case 'functionCall':
      return decodeFunctionCall(part, path, read, calls)
    case 'functionResponse':
      return decodeFunctionResponse(part, path, read, calls)
    case 'inlineData':
      return decodeInlineData(part, path, read)
    case 'fileData':
      return decodeFileData(part, path, read)
    case 'executableCode':
      return decodeCode(part, path, read, calls)
    case 'codeExecutionResult':
      return decodeCodeResult(part, path, read, calls)
    case 'toolCall':
      return decodeServerCall(part, path, read, calls)
    case 'toolResponse':
      return decodeServerResult(part, path, read, calls)
    case 'text':
      return decodeText(part, path, read)
    case undefined:
      return decodeBare(part, path, read)
  }
}

/** A part without a body that is known: a signature may come by itself, behind the last text. */
function decodeBare(part: JsonObject, path: string, read: FieldReader): Block {
  const unknown = Object.keys(part).find((field) => !markers.has(field) && part[field] !== null)
  return unknown === undefined ? decodeText(part, path, read) : foreignPart(part, unknown)
}

function decodeText(part: JsonObject, path: string, read: FieldReader): TextBlock | ReasoningBlock {
  const { fields, rest, snake } = takeFields(part, ['text', 'thought', 'thoughtSignature'])
  const text = read.optionalString(fields.text, `${path}.text`)
  const thought = read.optionalBoolean(fields.thought, `${path}.thought`)
  return {
    type: thought ? 'reasoning' : 'text',
    text: text ?? '',
    ...sealOf(fields.thoughtSignature, path, read),
    ...remember(rest, { snake, textless: text === undefined ? true : undefined, thought: thought === false ? false : undefined }),
  }
}

function decodeFunctionCall(part: JsonObject, path: string, read: FieldReader, calls: CallIds): Block {
  const outer = takeFields(part, ['functionCall', 'thoughtSignature'])
  const call = read.object(outer.fields.functionCall, `${path}.functionCall`)
  const inner = takeFields(call, ['id', 'name', 'args'])
  const name = read.string(inner.fields.name, `${path}.functionCall.name`)
  const args = read.optionalObject(inner.fields.args, `${path}.functionCall.args`)
  const { id, given } = calls.call(name, givenId(inner.fields.id, `${path}.functionCall.id`, read))
  return {
    type: 'tool-call',
    id,
    name,
    argumentsText: JSON.stringify(args ?? {}),
    form: 'json',
    executedBy: 'client',
    ...sealOf(outer.fields.thoughtSignature, path, read),
    ...rememberInner(outer.rest, 'functionCall', inner.rest, {
      snake: outer.snake,
      wireId: given ? undefined : (inner.fields.id ?? false),
      argless: args === undefined ? true : undefined,
    }),
  }
}

function decodeCode(part: JsonObject, path: string, read: FieldReader, calls: CallIds): ToolCallBlock {
  const outer = takeFields(part, ['executableCode', 'thoughtSignature'])
  const inner = takeFields(read.object(outer.fields.executableCode, `${path}.executableCode`), ['id', 'code', 'language'])
  const { id, given } = calls.call(codeExecution, givenId(inner.fields.id, `${path}.executableCode.id`, read))
  const code = read.optionalString(inner.fields.code, `${path}.executableCode.code`)
  return {
    type: 'tool-call',
    id,
    name: codeExecution,
    argumentsText: JSON.stringify(code === undefined ? {} : { code }),
    form: 'json',
    executedBy: 'provider',
    ...sealOf(outer.fields.thoughtSignature, path, read),
    ...rememberInner(outer.rest, 'executableCode', inner.rest, {
      body: 'executableCode',
      snake: outer.snake,
      wireId: given ? undefined : (inner.fields.id ?? false),
      language: inner.fields.language ?? false,
    }),
  }
}

function decodeServerCall(part: JsonObject, path: string, read: FieldReader, calls: CallIds): Block {
  const outer = takeFields(part, ['toolCall', 'thoughtSignature'])
  const inner = takeFields(read.object(outer.fields.toolCall, `${path}.toolCall`), ['id', 'toolType', 'args'])
  const name = serverTools.get(String(inner.fields.toolType))
  if (name === undefined) return foreignPart(part, 'toolCall')
  const args = read.optionalObject(inner.fields.args, `${path}.toolCall.args`)
  const { id, given } = calls.call(name, givenId(inner.fields.id, `${path}.toolCall.id`, read))
  return {
    type: 'tool-call',
    id,
    name,
    argumentsText: JSON.stringify(args ?? {}),
    form: 'json',
    executedBy: 'provider',
    ...sealOf(outer.fields.thoughtSignature, path, read),
    ...rememberInner(outer.rest, 'toolCall', inner.rest, {
      body: 'toolCall',
      snake: outer.snake,
      snakeInner: inner.snake,
      wireId: given ? undefined : (inner.fields.id ?? false),
      argless: args === undefined ? true : undefined,
    }),
  }
}

function sealOf(signature: Json | undefined, path: string, read: FieldReader): { readonly sealed?: Sealed } {
  const value = read.optionalString(signature, `${path}.thoughtSignature`)
  return value === undefined ? {} : { sealed: { issuer: protocolId, value } }
}
