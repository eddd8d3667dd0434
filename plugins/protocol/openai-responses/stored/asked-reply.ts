import { type JsonObject, parseJsonObject, patchBytes, peekJson } from 'tokligence'
import { outputOf } from './kept-reply.ts'

/** A call of a reply that its caller answers. */
export interface OpenCall {
  readonly id: string
  readonly type: 'function_call' | 'custom_tool_call'
}

/** What is kept of a reply that its vendor keeps, and of its request, so that nothing but the results of its calls need be sent. */
export interface AskedReply {
  readonly calls: readonly OpenCall[]
  /** As the caller named it. */
  readonly model: string
}

export function callsOf(response: JsonObject): readonly OpenCall[] {
  return outputOf(response).flatMap(({ type, call_id: id }) =>
    (type === 'function_call' || type === 'custom_tool_call') && typeof id === 'string' ? [{ id, type }] : [],
  )
}

/** The settings of a request (instructions, tools and all, but not its input) as JSON. The input, which may be long, is not parsed. */
export function readSettings(body: Buffer): string {
  const input = peekJson(body, ['input']).get('input')
  const {
    input: _,
    model: __,
    previous_response_id: ___,
    stream: ____,
    ...rest
  } = parseJsonObject(input ? patchBytes(body, [{ start: input.start, end: input.end, text: 'null' }]) : body)
  return JSON.stringify(rest)
}

export function parseSettings(text: string): JsonObject {
  return JSON.parse(text) as JsonObject
}

/** Each reply has its own, and they are gone with it, although those of a conversation's turns are mostly the same. */
export function settingsKey(id: string): string {
  return `settings:${id}`
}
