import type { Block, Finish, FinishReason, LossSink } from 'tokligence'

/** BetaStopReason in @anthropic-ai/sdk 1.12.0. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context'],
  ['tool_use', 'tool-calls'],
  ['pause_turn', 'pause'],
  ['compaction', 'pause'],
  ['refusal', 'refusal'],
])

const words: { readonly [Reason in FinishReason]: string } = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  context: 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  pause: 'pause_turn',
  refusal: 'refusal',
  'content-filter': 'refusal',
  error: 'end_turn',
  other: 'end_turn',
}

/** Undefined or unknown words are `other`. */
export function decodeStop(reason: string | undefined, sequence: string | undefined): Finish {
  return {
    reason: (reason === undefined ? undefined : reasons.get(reason)) ?? 'other',
    ...(reason !== undefined && { raw: reason }),
    ...(sequence !== undefined && { stopSequence: sequence }),
  }
}

/** What of the reply's content bears on the stop reason. */
export interface StopContent {
  calledTool: boolean
  refused: boolean
}

export function noteContent(content: StopContent, block: Block): void {
  if (block.type === 'tool-call' && block.executedBy === 'client') content.calledTool = true
  if (block.type === 'refusal') content.refused = true
}

/**
 * The word on the wire. A reply of this protocol keeps its own. From elsewhere, content counts too: callers run tools only at `tool_use`, and
 * other protocols end such replies with a plain stop, or have no word for a refusal.
 */
export function encodeStop(finish: Finish, content: StopContent, own: boolean, losses: LossSink): string | null {
  if (own && (finish.raw === undefined || (reasons.get(finish.raw) ?? 'other') === finish.reason)) return finish.raw ?? null
  if (finish.reason === 'stop' || finish.reason === 'other') {
    if (content.calledTool) return 'tool_use'
    if (content.refused) return 'refusal'
  }
  if (finish.reason === 'tool-calls' && !content.calledTool) return 'end_turn'
  if (finish.reason === 'error' || finish.reason === 'content-filter')
    losses.approximated('stop_reason', 'stop-reason', 'semantic', `${words[finish.reason]} stands for ${finish.raw ?? finish.reason}.`)
  return words[finish.reason]
}
