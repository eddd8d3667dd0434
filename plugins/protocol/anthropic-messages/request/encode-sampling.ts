import type { Conversation, JsonObject, LossSink } from 'tokligence'

/** Temperature, nucleus and stop sequences within the provider's bounds, and a loss for every other knob. */
export function encodeSampling(conversation: Conversation, thinking: boolean, losses: LossSink): JsonObject {
  const stop = conversation.stop?.filter((sequence) => /\S/.test(sequence))
  // The provider answers 400 to a stop sequence of white space alone.
  if (stop && stop.length !== conversation.stop?.length) losses.dropped('stop', 'stop-sequence', 'semantic', 'A stop sequence of white space alone.')
  return { ...encodeTemperature(conversation, thinking, losses), ...(stop && stop.length > 0 && { stop_sequences: stop }) }
}

function encodeTemperature({ sampling }: Conversation, thinking: boolean, losses: LossSink): JsonObject {
  const { topP, topK } = sampling
  let { temperature } = sampling
  if (temperature !== undefined && temperature > 1) {
    losses.approximated('temperature', 'temperature', 'semantic', `${temperature} became 1, the largest there is.`)
    temperature = 1
  }
  if (!thinking) {
    // Models since 4.1 answer 400: "`temperature` and `top_p` cannot both be specified for this model". A top_p of 1 cuts off nothing.
    const both = temperature !== undefined && topP !== undefined
    if (both && topP !== 1) losses.dropped('top_p', 'top-p', 'semantic', 'The provider takes either a temperature or a top_p.')
    return {
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && !both && { top_p: topP }),
      ...(topK !== undefined && { top_k: topK }),
    }
  }
  // With thinking: no temperature but 1, no top_k, a top_p between 0.95 and 1 (the provider's page on extended thinking).
  if (temperature !== undefined && temperature !== 1)
    losses.dropped('temperature', 'temperature', 'semantic', 'The provider takes none together with thinking.')
  if (topK !== undefined) losses.dropped('top_k', 'top-k', 'semantic', 'The provider takes none together with thinking.')
  if (topP !== undefined && topP < 0.95)
    losses.approximated('top_p', 'top-p', 'semantic', `${topP} became 0.95, the least that is taken together with thinking.`)
  return topP === undefined ? {} : { top_p: Math.max(topP, 0.95) }
}

/** What the protocol has no field for at all. A value that is the default asks for nothing. */
export function reportUnsupported(conversation: Conversation, losses: LossSink): void {
  const { sampling, candidates, logprobs, metadata, verbosity } = conversation
  if (sampling.seed !== undefined) losses.dropped('seed', 'seed', 'hint')
  if (sampling.frequencyPenalty) losses.dropped('frequency_penalty', 'frequency-penalty', 'semantic')
  if (sampling.presencePenalty) losses.dropped('presence_penalty', 'presence-penalty', 'semantic')
  if (candidates !== undefined && candidates > 1) losses.dropped('n', 'candidates', 'semantic', 'The provider writes one reply.')
  if (logprobs !== undefined) losses.dropped('logprobs', 'logprobs', 'semantic')
  if (verbosity !== undefined) losses.dropped('verbosity', 'verbosity', 'semantic')
  if (metadata && Object.keys(metadata).length > 0) losses.dropped('metadata', 'metadata', 'hint')
}
