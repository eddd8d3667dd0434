import { createHash } from 'node:crypto'
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
  /** The digest that the rest of the request is kept under; absent where there are no calls. */
  readonly settings?: string
}

export function callsOf(response: JsonObject): readonly OpenCall[] {
  return outputOf(response).flatMap(({ type, call_id: id }) =>
    (type === 'function_call' || type === 'custom_tool_call') && typeof id === 'string' ? [{ id, type }] : [],
  )
}

/**
 * The settings of a request (instructions, tools and all, but not its input) as JSON, and their digest. They are the same in all turns of a
 * conversation, and are kept once. The input, which may be long, is not parsed.
 */
export function readSettings(body: Buffer): { readonly settings: string; readonly digest: string } {
  const input = peekJson(body, ['input']).get('input')
  const {
    input: _,
    model: __,
    previous_response_id: ___,
    stream: ____,
    ...rest
  } = parseJsonObject(input ? patchBytes(body, [{ start: input.start, end: input.end, text: 'null' }]) : body)
  const settings = JSON.stringify(rest)
  return { settings, digest: createHash('sha256').update(settings).digest('base64url') }
}

export function parseSettings(text: string): JsonObject {
  return JSON.parse(text) as JsonObject
}

export function settingsKey(digest: string): string {
  return `settings:${digest}`
}
