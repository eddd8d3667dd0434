import {
  type Conversation,
  type EncodeReplyOptions,
  isJsonObject,
  type Json,
  type JsonObject,
  LossSink,
  reportForeignFields,
  type Usage,
  type WireError,
} from 'tokligence'
import { encodeRequest } from '../request/encode-request.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import type { Ending } from './finish.ts'
import { isKept } from './kept-mark.ts'
import { madeId } from './made-id.ts'
import { encodeFailure } from './response-error.ts'
import type { Described } from './response-fields.ts'
import { encodeUsage } from './usage.ts'

/** openai 6.49.0, Response.service_tier. */
const serviceTiers = new Set(['auto', 'default', 'flex', 'scale', 'priority'])

/** What a response holds that the request left open (the vendor's reference of the response object, and recordings). */
const defaults: JsonObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
}

/** A response that failed, around what is known of it. */
export function failedResponse(known: JsonObject, error: WireError): JsonObject {
  return {
    object: 'response',
    created_at: Math.floor(Date.now() / 1_000),
    ...defaults,
    ...known,
    status: 'failed',
    error: encodeFailure(error),
    incomplete_details: null,
    completed_at: null,
    output: [],
    usage: null,
  }
}

/** Writes the response object around a reply's items, whole or in the events of a stream. One per reply. */
export class ResponseWriter {
  readonly #options: EncodeReplyOptions
  /** In Unix seconds; the same in every event. */
  readonly #now = Math.floor(Date.now() / 1_000)
  #described: Described
  #head: JsonObject | undefined

  constructor(described: Described, options: EncodeReplyOptions) {
    this.#described = described
    this.#options = options
  }

  get native(): boolean {
    return recall(this.#described).memo.native === true
  }

  /** What became known at the end of a stream. */
  amend(late: Pick<Described, 'serviceTier' | 'ext'>): void {
    const { serviceTier, ext } = late
    this.#described = { ...this.#described, ...(serviceTier !== undefined && { serviceTier }), ...(ext && { ext }) }
    this.#head = undefined
  }

  running(): JsonObject {
    const head = this.#describe()
    const { usage: _, ...rest } = head
    return {
      ...rest,
      ...(head.completed_at !== undefined && { completed_at: null }),
      status: 'in_progress',
      error: null,
      incomplete_details: null,
      output: [],
      usage: null,
    }
  }

  /** `ending`: of a reply of another protocol; one of this protocol remembers how it ended. */
  ended(output: readonly JsonObject[], usage: Usage | undefined, ending: Ending | undefined): JsonObject {
    const head = this.#describe()
    if (!ending) return { ...head, output, ...(usage && { usage: encodeUsage(usage, this.#options, this.native) }) }
    const completedAt = ending.status === 'completed' ? Math.floor(Date.now() / 1_000) : null
    return { ...head, ...ending, completed_at: completedAt, output, usage: encodeUsage(usage, this.#options, this.native) }
  }

  /** The parts that were written before stay the caller's; the response holds nothing of what may not have been sent. */
  failed(error: WireError): JsonObject {
    return failedResponse(this.#describe(), error)
  }

  #describe(): JsonObject {
    this.#head ??= this.native ? this.#own() : this.#made()
    return this.#head
  }

  #own(): JsonObject {
    const { id, model, created, serviceTier } = this.#described
    const { fields, memo } = recall(this.#described)
    return {
      ...fields,
      ...(isJsonObject(memo.echo) && memo.echo),
      ...(isJsonObject(memo.end) && memo.end),
      ...(memo.object !== false && { object: memo.object ?? 'response' }),
      ...(id !== undefined && { id }),
      ...(created !== undefined && { created_at: created }),
      ...(model !== undefined && { model }),
      ...(serviceTier !== undefined && { service_tier: serviceTier }),
    }
  }

  #made(): JsonObject {
    const { id, model, created, serviceTier } = this.#described
    const { losses, conversation, replyId } = this.#options
    reportForeignFields(this.#described, '', losses, protocolId)
    const tier = serviceTier === 'standard' ? 'default' : serviceTier
    const known = tier !== undefined && serviceTiers.has(tier)
    if (tier !== undefined && !known) losses.dropped('service_tier', 'service-tier', 'hint', tier)
    return {
      id: id?.startsWith('resp_') ? id : madeId(replyId),
      object: 'response',
      created_at: created ?? this.#now,
      completed_at: null,
      model: model ?? conversation.model,
      ...echo(conversation),
      service_tier: known ? tier : 'default',
      store: isKept(conversation),
    }
  }
}

/** The settings of the request as the caller spelled them. */
function echo(conversation: Conversation): JsonObject {
  const { text, reasoning, ...asked } = encodeRequest({ ...conversation, turns: [] }, { losses: new LossSink(), facts: {} })
  const said = Object.fromEntries(Object.entries(asked).filter(([field, value]) => field in defaults && value !== null))
  return { ...defaults, ...said, ...merged('text', text), ...merged('reasoning', reasoning) }
}

function merged(field: 'text' | 'reasoning', given: Json | undefined): JsonObject {
  return isJsonObject(given) ? { [field]: { ...(defaults[field] as JsonObject), ...given } } : {}
}
