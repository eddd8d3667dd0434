import type { Block, Extensions } from './blocks.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * - `system` and `developer` are kept at the place where they stood; never hoisted while decoding.
 * - `tool` is a turn that holds nothing but tool results, in protocols that have such a role.
 */
export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool'

export interface Turn {
  readonly role: Role
  readonly blocks: readonly Block[]
  /** A participant's name, where the protocol has one. */
  readonly name?: string
  /** How the content stood on the wire: one string, a list of parts, or null/absent. For the way back to the same protocol. */
  readonly form: 'text' | 'blocks' | 'none'
  readonly ext?: Extensions
}

/** A tool that the caller's program runs. */
export interface FunctionTool {
  readonly type: 'function'
  readonly name: string
  readonly namespace?: string
  readonly description?: string
  /** JSON Schema of the arguments. Absent when the caller gave none. */
  readonly parameters?: JsonObject
  readonly strict?: boolean
  readonly ext?: Extensions
}

/** A tool whose input is free text, optionally bound by a grammar. */
export interface FreeformTool {
  readonly type: 'freeform'
  readonly name: string
  readonly namespace?: string
  readonly description?: string
  readonly format?: Json
  readonly ext?: Extensions
}

/** A tool that only one protocol has, or that the provider runs itself, whole. */
export interface ForeignTool {
  readonly type: 'foreign'
  readonly protocol: string
  readonly kind: string
  readonly name?: string
  readonly value: Json
  /** What it does, when other protocols have such a tool too. */
  readonly hosted?: HostedService
  readonly ext?: Extensions
}

/** A tool that providers run themselves, in words that several protocols have. */
export type HostedService =
  | {
      readonly service: 'web-search'
      readonly allowedDomains?: readonly string[]
      readonly blockedDomains?: readonly string[]
      readonly maxUses?: number
      /** `low`, `medium`, `high`: how much of what is found the model reads. */
      readonly contextSize?: string
      /** Where the user is, roughly. `country` is an ISO 3166-1 code of two letters. */
      readonly location?: { readonly city?: string; readonly region?: string; readonly country?: string; readonly timezone?: string }
    }
  | { readonly service: 'web-fetch' }
  | { readonly service: 'code-execution' }
  | {
      readonly service: 'mcp'
      readonly name: string
      readonly url: string
      readonly authorization?: string
      readonly allowedTools?: readonly string[]
    }

export type Tool = FunctionTool | FreeformTool | ForeignTool

export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  /** At least one tool must be called. */
  | { readonly type: 'required' }
  /** This tool must be called. */
  | { readonly type: 'tool'; readonly name: string; readonly namespace?: string }
  /** Only these tools may be called. */
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] }
  | { readonly type: 'foreign'; readonly protocol: string; readonly value: Json }

export interface Sampling {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly seed?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
}

export type OutputFormat =
  | { readonly type: 'text' }
  /** Any JSON object. */
  | { readonly type: 'json' }
  | {
      readonly type: 'schema'
      readonly schema: JsonObject
      readonly name?: string
      readonly description?: string
      readonly strict?: boolean
    }
  | { readonly type: 'foreign'; readonly protocol: string; readonly value: Json }

/** How much the model should think. What a protocol cannot say is approximated and reported. */
export type ReasoningRequest = {
  /** `off`: none; `budget`: `budgetTokens` counts; `effort`: `effort` counts; `adaptive`: the model decides. */
  readonly mode: 'off' | 'budget' | 'effort' | 'adaptive'
  readonly budgetTokens?: number
  /** `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max` or a newer word. */
  readonly effort?: string
  /** Whether and how thoughts are shown: `auto`, `concise`, `detailed`, `omitted`, `updates` … */
  readonly display?: string
}

/** One request in the neutral form: plain readonly data, safe to clone and to snapshot. */
export interface Conversation {
  readonly model: string
  readonly stream: boolean
  /** Top-level system text. System turns inside the conversation stay in `turns`. */
  readonly instructions: readonly Block[]
  /** How the instructions stood on the wire. */
  readonly instructionsForm: 'text' | 'blocks' | 'none'
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
  /** False when the caller forbids more than one tool call in a reply. */
  readonly parallelToolCalls?: boolean
  readonly maxOutputTokens?: number
  readonly stop?: readonly string[]
  readonly sampling: Sampling
  readonly reasoning?: ReasoningRequest
  readonly output?: OutputFormat
  /** `low`, `medium`, `high`. */
  readonly verbosity?: string
  /** How many alternative replies are asked for. */
  readonly candidates?: number
  /** Log probabilities: how many alternatives per token; 0 asks for the chosen token's only. */
  readonly logprobs?: number
  /** An id of the end user, for the provider's abuse monitoring. */
  readonly user?: string
  readonly metadata?: JsonObject
  readonly serviceTier?: string
  /** Thoughts, or opaque values of calls, that the provider would have refused were taken out: a turn may lack what the provider demands. */
  readonly lacksThoughts?: boolean
  /** Whether a streaming caller asked for usage. Absent where the protocol always sends it. */
  readonly includeUsage?: boolean
  readonly ext?: Extensions
}
