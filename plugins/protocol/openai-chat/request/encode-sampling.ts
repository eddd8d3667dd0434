import type { Conversation, JsonObject, ModelFacts, Sampling } from 'tokligence'
import type { EncodeContext } from '../message/encode-part.ts'

/** What every model does when it is not told otherwise (openai 6.49.0, ChatCompletionCreateParamsBase). */
const usual = { temperature: 1, top_p: 1, frequency_penalty: 0, presence_penalty: 0 } as const

/** `effort` is what the request asks of the model's thinking, if anything. */
export function encodeSampling({ sampling }: Conversation, effort: string | undefined, facts: ModelFacts, context: EncodeContext): JsonObject {
  const fields = wireFields(sampling)
  if (context.native) return fields
  const { top_k: topK, ...accepted } = fields
  if (topK !== undefined) context.losses.dropped('top_k', 'top-k', 'semantic')
  const fixed = facts.fixedSampling === 'always' || (facts.fixedSampling === 'thinking' && effort !== undefined && effort !== 'none')
  return fixed ? withoutSampling(accepted, context) : accepted
}

function wireFields(sampling: Sampling): JsonObject {
  return {
    ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
    ...(sampling.topP !== undefined && { top_p: sampling.topP }),
    ...(sampling.topK !== undefined && { top_k: sampling.topK }),
    ...(sampling.seed !== undefined && { seed: sampling.seed }),
    ...(sampling.frequencyPenalty !== undefined && { frequency_penalty: sampling.frequencyPenalty }),
    ...(sampling.presencePenalty !== undefined && { presence_penalty: sampling.presencePenalty }),
  }
}

/** A value that is the usual one is left out without a loss. */
function withoutSampling(fields: JsonObject, context: EncodeContext): JsonObject {
  const rest = { ...fields } as Record<string, JsonObject[string]>
  for (const [name, value] of Object.entries(usual)) {
    if (rest[name] === undefined) continue
    if (rest[name] !== value) context.losses.dropped(name, name.replaceAll('_', '-'), 'semantic', 'The model takes the usual value alone.')
    delete rest[name]
  }
  return rest
}
