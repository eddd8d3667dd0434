import { isJsonObject, type Json } from 'tokligence'
import { jsonObjectOf } from '../../openai-chat/wire/json-object.ts'
import type { AskedReply } from './asked-reply.ts'
import type { Keeper, KeptReply } from './kept-reply.ts'

/** What is kept under `owner:<id>` of a reply that its vendor keeps. */
export interface OwnerEntry extends Keeper {
  /** Absent where the reply was not seen whole. */
  readonly asked?: AskedReply
}

/** The value of `reply:<id>`; undefined when it is none, as after a write by something else. */
export function readKeptReply(value: string): KeptReply | undefined {
  const entry = jsonObjectOf(value)
  if (!entry) return undefined
  const { response, model, settings, earlier, input, keeper } = entry
  const isWhole =
    isJsonObject(response) &&
    typeof response.id === 'string' &&
    typeof model === 'string' &&
    isJsonObject(settings) &&
    isListOf(earlier, (id) => typeof id === 'string') &&
    isListOf(input, isJsonObject) &&
    (keeper === undefined || isKeeper(keeper))
  return isWhole ? (entry as unknown as KeptReply) : undefined
}

/** The value of `owner:<id>`; undefined as above. */
export function readOwner(value: string): OwnerEntry | undefined {
  const entry = jsonObjectOf(value)
  return entry && isKeeper(entry) && (entry.asked === undefined || isAsked(entry.asked)) ? (entry as unknown as OwnerEntry) : undefined
}

/** The value of `settings:<reply id>`, as the text that it is; undefined as above. */
export function readSettingsText(value: string): string | undefined {
  return jsonObjectOf(value) && value
}

function isKeeper(value: Json): boolean {
  return isJsonObject(value) && typeof value.provider === 'string' && typeof value.account === 'string'
}

function isAsked(value: Json): boolean {
  if (!isJsonObject(value) || typeof value.model !== 'string') return false
  const isCall = (call: Json) => isJsonObject(call) && typeof call.id === 'string' && (call.type === 'function_call' || call.type === 'custom_tool_call')
  return isListOf(value.calls, isCall) && (value.settings === undefined || typeof value.settings === 'string')
}

function isListOf(value: Json | undefined, check: (each: Json) => boolean): boolean {
  return Array.isArray(value) && (value as readonly Json[]).every(check)
}
