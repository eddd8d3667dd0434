import type { Conversation, JsonObject, LossSink, ModelFacts, ReasoningRequest } from 'tokligence'
import { encodeReasoningEffort } from '../../openai-chat/request/reasoning-effort.ts'

export interface EncodedThinking {
  /** What is asked of the model's thinking, if anything. */
  readonly effort: string | undefined
  readonly reasoning: JsonObject | undefined
  /** What `include` must hold so that opaque thoughts come back: without them the next turn begins anew, because nothing is stored. */
  readonly include: readonly string[]
}

export function encodeThinking(conversation: Conversation, facts: ModelFacts, losses: LossSink): EncodedThinking {
  const { reasoning } = conversation
  const { chatToolsNeedNoReasoning: _, ...own } = facts
  const effort = encodeReasoningEffort(withoutDisplay(conversation), own, { native: false, losses })
  const summary = mayThink(reasoning, facts) && reasoning && effort !== 'none' ? summaryOf(reasoning, losses) : undefined
  const fields = { ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) }
  return {
    effort,
    reasoning: Object.keys(fields).length === 0 ? undefined : fields,
    include: mayThink(reasoning, facts) ? ['reasoning.encrypted_content'] : [],
  }
}

/**
 * A model that does not think refuses to be asked: "Encrypted content is not supported with this model." One that is not known is asked only
 * where the caller wants thoughts, whom it refuses anyway.
 */
function mayThink(reasoning: ReasoningRequest | undefined, { thinking }: ModelFacts): boolean {
  return thinking === undefined ? reasoning !== undefined && reasoning.mode !== 'off' : thinking !== 'none'
}

/**
 * Thoughts are shown as a summary, and only on demand (openai 6.49.0, Reasoning.summary). Who asks with a budget, or lets the model decide, sees
 * them unless told otherwise; who asks with an effort does not.
 */
function summaryOf({ mode, display }: ReasoningRequest, losses: LossSink): string | undefined {
  if (display === undefined) return mode === 'budget' || mode === 'adaptive' ? 'auto' : undefined
  if (display === 'auto' || display === 'concise' || display === 'detailed') return display
  if (display === 'omitted') return undefined
  losses.approximated('thinking.display', 'thinking-display', 'hint', 'Thoughts are shown as a summary.')
  return 'auto'
}

function withoutDisplay(conversation: Conversation): Conversation {
  if (!conversation.reasoning) return conversation
  const { display: _, ...reasoning } = conversation.reasoning
  return { ...conversation, reasoning }
}
