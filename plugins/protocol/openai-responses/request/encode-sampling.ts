import type { Conversation, JsonObject, LossSink, ModelFacts } from 'tokligence'
import { encodeSampling as encodeChatSampling } from '../../openai-chat/request/encode-sampling.ts'

/** The vendor answers 400 to less: "Expected a value >= 16" (github.com/vectorize-io/hindsight/issues/58). */
const leastOutputTokens = 16

/** Temperature, nucleus and output limit within the vendor's bounds. `effort` is what the request asks of the model's thinking, if anything. */
export function encodeSampling(conversation: Conversation, effort: string | undefined, facts: ModelFacts, losses: LossSink): JsonObject {
  const { temperature, topP, topK } = conversation.sampling
  const sampling = { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }), ...(topK !== undefined && { topK }) }
  const maxOutputTokens = outputLimit(conversation.maxOutputTokens, facts, losses)
  return {
    ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
    ...encodeChatSampling({ ...conversation, sampling }, effort, facts, { native: false, losses }),
  }
}

function outputLimit(wanted: number | undefined, { maxOutputTokens: most }: ModelFacts, losses: LossSink): number | undefined {
  if (wanted === undefined) return undefined
  const accepted = Math.max(leastOutputTokens, most === undefined ? wanted : Math.min(wanted, most))
  if (accepted !== wanted) losses.approximated('max_tokens', 'max-tokens', 'hint', `${wanted} became ${accepted}, the nearest figure that is taken.`)
  return accepted
}

/** What the protocol has no field for (openai 6.49.0, ResponseCreateParamsBase). A value that is the usual one asks for nothing. */
export function reportUnsupported({ sampling, stop, candidates }: Conversation, losses: LossSink): void {
  if (sampling.seed !== undefined) losses.dropped('seed', 'seed', 'hint')
  if (sampling.frequencyPenalty) losses.dropped('frequency_penalty', 'frequency-penalty', 'semantic')
  if (sampling.presencePenalty) losses.dropped('presence_penalty', 'presence-penalty', 'semantic')
  if (stop !== undefined && stop.length > 0) losses.dropped('stop', 'stop-sequences', 'semantic', 'The protocol has none.')
  if (candidates !== undefined && candidates > 1) losses.dropped('n', 'candidates', 'semantic', 'The protocol gives one reply.')
}
