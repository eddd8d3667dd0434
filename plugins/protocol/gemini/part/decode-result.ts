import { type Block, type FieldReader, isEmpty, type Json, type JsonObject, type ToolResultBlock } from 'tokligence'
import { takeFields } from '../wire/fields.ts'
import { rememberInner } from '../wire/wire-memo.ts'
import type { CallIds } from './call-ids.ts'
import { decodeFileData, decodeInlineData } from './decode-media.ts'
import { foreignPart, givenId } from './foreign-part.ts'
import { codeExecution, serverTools } from './hosted-tools.ts'

/** How a response object stood on the wire: the one member that held its text, or `json` for the whole object as JSON text. */
interface ReadResponse {
  readonly text: string
  readonly shape: string
  /** The function's name stood beside the text, as some clients write it. */
  readonly named?: true
}

export function decodeFunctionResponse(part: JsonObject, path: string, read: FieldReader, calls: CallIds): ToolResultBlock {
  const at = `${path}.functionResponse`
  const outer = takeFields(part, ['functionResponse'])
  const inner = takeFields(read.object(outer.fields.functionResponse, at), ['id', 'name', 'response', 'parts'])
  const name = read.string(inner.fields.name, `${at}.name`)
  const wireId = givenId(inner.fields.id, `${at}.id`, read)
  const { id, given } = calls.result(name, wireId)
  const response = read.optionalObject(inner.fields.response, `${at}.response`)
  const told = response && readResponse(response, name)
  const media = read.optionalArray(inner.fields.parts, `${at}.parts`).map((value, index) => decodeResultPart(value, `${at}.parts[${index}]`, read))
  const emptyParts = inner.fields.parts !== undefined && media.length === 0
  return {
    type: 'tool-result',
    callId: id,
    name,
    ...(told?.shape.startsWith('error') && { isError: true }),
    content: [...(told ? [{ type: 'text', text: told.text } as const] : []), ...media],
    form: media.length > 0 ? 'blocks' : told ? 'text' : 'none',
    ...rememberInner(outer.rest, 'functionResponse', emptyParts ? { ...inner.rest, parts: [] } : inner.rest, {
      snake: outer.snake,
      wireId: given ? undefined : (inner.fields.id ?? false),
      shape: told?.shape ?? 'none',
      named: told?.named,
    }),
  }
}

/** FunctionResponse.response: `output` is the result and `error` a failure; clients also write `result` and `content` (opencode, with the name beside it). */
function readResponse(response: JsonObject, name: string): ReadResponse {
  const entries = Object.entries(response).filter(([key, value]) => !(key === 'name' && value === name))
  const named = entries.length < Object.keys(response).length
  const [first] = entries
  if (entries.length === 1 && first) {
    const [key, value] = first
    if (typeof value === 'string' && ['output', 'result', 'content', 'error'].includes(key)) return { text: value, shape: key, ...(named && { named }) }
    if (key === 'error' && !named) return { text: JSON.stringify(value), shape: 'error-json' }
  }
  return { text: JSON.stringify(response), shape: 'json' }
}

function decodeResultPart(value: Json, path: string, read: FieldReader): Block {
  const part = read.object(value, path)
  const { fields } = takeFields(part, ['inlineData', 'fileData'])
  if (fields.inlineData !== undefined) return decodeInlineData(part, path, read)
  if (fields.fileData !== undefined) return decodeFileData(part, path, read)
  return foreignPart(part, Object.keys(part)[0] ?? 'part')
}

/** Outcome in @google/genai 3.1.0. */
export function decodeCodeResult(part: JsonObject, path: string, read: FieldReader, calls: CallIds): ToolResultBlock {
  const at = `${path}.codeExecutionResult`
  const outer = takeFields(part, ['codeExecutionResult'])
  const inner = takeFields(read.object(outer.fields.codeExecutionResult, at), ['id', 'output', 'outcome'])
  const { id, given } = calls.result(codeExecution, givenId(inner.fields.id, `${at}.id`, read))
  const output = read.optionalString(inner.fields.output, `${at}.output`)
  const outcome = read.optionalString(inner.fields.outcome, `${at}.outcome`)
  return {
    type: 'tool-result',
    callId: id,
    name: codeExecution,
    ...(outcome !== undefined && { isError: outcome !== 'OUTCOME_OK' }),
    content: output === undefined ? [] : [{ type: 'text', text: output }],
    form: output === undefined ? 'none' : 'text',
    ...rememberInner(outer.rest, 'codeExecutionResult', inner.rest, {
      body: 'codeExecutionResult',
      snake: outer.snake,
      wireId: given ? undefined : (inner.fields.id ?? false),
      outcome: outcome ?? false,
    }),
  }
}

export function decodeServerResult(part: JsonObject, path: string, read: FieldReader, calls: CallIds): Block {
  const at = `${path}.toolResponse`
  const outer = takeFields(part, ['toolResponse'])
  const inner = takeFields(read.object(outer.fields.toolResponse, at), ['id', 'toolType', 'response'])
  const name = serverTools.get(String(inner.fields.toolType))
  if (name === undefined) return foreignPart(part, 'toolResponse')
  const { id, given } = calls.result(name, givenId(inner.fields.id, `${at}.id`, read))
  const response = read.optionalObject(inner.fields.response, `${at}.response`)
  return {
    type: 'tool-result',
    callId: id,
    name,
    content: response === undefined || isEmpty(response) ? [] : [{ type: 'text', text: JSON.stringify(response) }],
    form: response === undefined || isEmpty(response) ? 'none' : 'text',
    ...rememberInner(outer.rest, 'toolResponse', inner.rest, {
      body: 'toolResponse',
      snake: outer.snake,
      snakeInner: inner.snake,
      wireId: given ? undefined : (inner.fields.id ?? false),
      empty: response !== undefined && isEmpty(response) ? true : undefined,
    }),
  }
}
