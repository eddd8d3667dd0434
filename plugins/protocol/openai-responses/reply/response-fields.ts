import { type JsonObject, type Reply, splitUnset } from 'tokligence'
import { remember } from '../wire/wire-memo.ts'

/** Members that repeat what the request asked for (openai 6.49.0, Response, and recordings). Nobody loses anything with them. */
const echoes = new Set([
  'background',
  'billing',
  'context_management',
  'conversation',
  'frequency_penalty',
  'include',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'output_text',
  'parallel_tool_calls',
  'presence_penalty',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'store',
  'temperature',
  'text',
  'tool_choice',
  'tool_usage',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
])

/** Members that say how the response stands. */
const endings = new Set(['status', 'error', 'incomplete_details', 'completed_at'])

export type Described = Pick<Reply, 'id' | 'model' | 'created' | 'serviceTier' | 'ext'>

/** What a response says of itself, without its output and its usage. A member of another type than usual stays with the rest. */
export function decodeDescription(response: JsonObject): Described {
  const { output: _, usage, object, id, model, created_at: created, service_tier: serviceTier, ...others } = response
  const known = {
    ...(typeof id === 'string' && id !== '' && { id }),
    ...(typeof model === 'string' && model !== '' && { model }),
    ...(Number.isInteger(created) && { created: created as number }),
    ...(typeof serviceTier === 'string' && { serviceTier }),
  }
  const odd = {
    ...(known.id === undefined && id !== undefined && { id }),
    ...(known.model === undefined && model !== undefined && { model }),
    ...(known.created === undefined && created !== undefined && { created_at: created }),
    ...(known.serviceTier === undefined && serviceTier !== undefined && { service_tier: serviceTier }),
    ...(usage === null && { usage }),
  }
  const end = pick(others, (field) => endings.has(field))
  const echo = pick(others, (field) => echoes.has(field))
  const { given, unset } = splitUnset({ ...odd, ...pick(others, (field) => !endings.has(field) && !echoes.has(field)) })
  return {
    ...known,
    ...remember(given, { native: true, unset, end, echo, object: object === 'response' ? undefined : (object ?? false) }),
  }
}

function pick(fields: JsonObject, wanted: (field: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => wanted(field)))
}
