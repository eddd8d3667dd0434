import { isEmpty, type JsonObject, requestReader as read, splitUnset } from 'tokligence'
import { decodeReasoningEffort } from '../../openai-chat/request/reasoning-effort.ts'
import type { Taken } from '../../openai-chat/request/request-groups.ts'
import { decodeTextFormat, spellsFormat } from './text-format.ts'

/** The entry of `include` that asks for log probabilities (openai 6.49.0, ResponseIncludable). */
export const includesLogprobs = 'message.output_text.logprobs'

function takeStream(given: JsonObject): Taken {
  const { stream, ...rest } = given
  const streamed = read.optionalBoolean(stream, 'stream') ?? false
  return { fields: { stream: streamed }, unset: stream === false ? { stream } : {}, rest }
}

function takeSampling(given: JsonObject): Taken {
  const { max_output_tokens: limit, temperature, top_p, ...rest } = given
  const maxOutputTokens = read.optionalInteger(limit, 'max_output_tokens')
  const warmth = read.optionalNumber(temperature, 'temperature')
  const topP = read.optionalNumber(top_p, 'top_p')
  return {
    fields: {
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      sampling: { ...(warmth !== undefined && { temperature: warmth }), ...(topP !== undefined && { topP }) },
    },
    rest,
  }
}

/** `include` asks for log probabilities, `top_logprobs` says how many; what else is included stays where it was. */
function takeLogprobs(given: JsonObject): Taken {
  const { include, top_logprobs: top, ...rest } = given
  const entries = read.optionalArray(include, 'include').map((entry, index) => read.string(entry, `include[${index}]`))
  const alternatives = read.optionalInteger(top, 'top_logprobs')
  const others = entries.filter((entry) => entry !== includesLogprobs)
  if (others.length === entries.length) {
    const unset: JsonObject = top === undefined ? {} : { top_logprobs: top }
    return { fields: {}, unset, rest: include === undefined ? rest : { ...rest, include } }
  }
  return {
    fields: { logprobs: alternatives ?? 0 },
    memo: { include: entries },
    unset: alternatives === 0 ? { top_logprobs: 0 } : {},
    rest: others.length === 0 ? rest : { ...rest, include: others },
  }
}

/** The members that say nothing are remembered even when there are none: they tell that the object was there. */
function takeReasoning(given: JsonObject): Taken {
  const { reasoning, ...rest } = given
  if (reasoning === undefined) return { fields: {}, rest }
  const { given: named, unset } = splitUnset(read.object(reasoning, 'reasoning'))
  const { effort, summary, ...others } = named
  const word = read.optionalString(effort, 'reasoning.effort')
  const display = read.optionalString(summary, 'reasoning.summary')
  const asked = word !== undefined || display !== undefined
  return {
    fields: asked
      ? {
          reasoning: {
            // Without an effort the model's own holds.
            ...(word === undefined ? { mode: 'adaptive' as const } : decodeReasoningEffort(word)),
            ...(display !== undefined && { display }),
          },
        }
      : {},
    memo: { reasoning: unset },
    rest: isEmpty(others) ? rest : { ...rest, reasoning: others },
  }
}

function takeText(given: JsonObject): Taken {
  const { text, ...rest } = given
  if (text === undefined) return { fields: {}, rest }
  const { given: named, unset } = splitUnset(read.object(text, 'text'))
  const { format, verbosity, ...others } = named
  const output = format === undefined ? undefined : decodeTextFormat(read.object(format, 'text.format'))
  const words = read.optionalString(verbosity, 'text.verbosity')
  return {
    fields: { ...(output && { output }), ...(words !== undefined && { verbosity: words }) },
    memo: { text: unset, format: output && format !== undefined && !spellsFormat(format, output) ? format : undefined },
    rest: isEmpty(others) ? rest : { ...rest, text: others },
  }
}

/** `safety_identifier` takes the place of `user` (openai 6.49.0, ResponseCreateParamsBase.user); beside it, `user` stays where it was. */
function takeBookkeeping(given: JsonObject): Taken {
  const { service_tier: tier, metadata, user, safety_identifier: identifier, ...rest } = given
  const serviceTier = read.optionalString(tier, 'service_tier')
  const labels = read.optionalObject(metadata, 'metadata')
  const older = read.optionalString(user, 'user')
  const endUser = read.optionalString(identifier, 'safety_identifier') ?? older
  const both = identifier !== undefined && older !== undefined
  return {
    fields: {
      ...(serviceTier !== undefined && { serviceTier }),
      ...(labels && { metadata: labels }),
      ...(endUser !== undefined && { user: endUser }),
    },
    memo: { user: identifier === undefined && older !== undefined ? true : undefined },
    rest: both ? { ...rest, user: older } : rest,
  }
}

export const requestGroups: readonly ((given: JsonObject) => Taken)[] = [takeStream, takeSampling, takeLogprobs, takeReasoning, takeText, takeBookkeeping]
