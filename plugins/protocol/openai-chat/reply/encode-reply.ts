import { type Candidate, type EncodeReplyOptions, isJsonObject, type JsonObject, type Reply, reportForeignFields } from 'tokligence'
import { assistantFields } from '../message/encode-assistant.ts'
import { expectsLegacyCall } from '../message/tool-call.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { encodeFinish } from './finish-reason.ts'
import { describeReply } from './reply-description.ts'
import { encodeTokens } from './token-logprobs.ts'
import { encodeUsage } from './usage.ts'

export function encodeReply(reply: Reply, options: EncodeReplyOptions): JsonObject {
  const { fields, memo } = recall(reply)
  const native = memo.native === true
  reportForeignFields(reply, '', options.losses, protocolId)
  const usage = reply.usage && encodeUsage(reply.usage, options)
  return {
    ...fields,
    ...(memo.object !== false && { object: memo.object ?? 'chat.completion' }),
    ...describeReply(reply, native, options),
    choices: reply.candidates.map((candidate, index) => encodeChoice(candidate, index, native, options)),
    ...(usage && { usage }),
  }
}

function encodeChoice(candidate: Candidate, position: number, native: boolean, options: EncodeReplyOptions): JsonObject {
  const path = position === 0 ? '' : `candidates[${position}].`
  const { fields, memo } = recall(candidate)
  reportForeignFields(candidate, path.slice(0, -1), options.losses, protocolId)
  const { message: messageRest, ...rest } = fields
  const { losses } = options
  const blocks = candidate.blocks.map((block, index) => [block, `${path}content[${index}]`] as const)
  const form = memo.form === 'blocks' || memo.form === 'none' ? memo.form : 'text'
  const legacyCalls = !native && expectsLegacyCall(options.conversation)
  const said = assistantFields(blocks, form, { native, losses, thoughts: 'show', legacyCalls })
  const index = memo.index ?? position
  return {
    ...rest,
    ...(index !== false && { index }),
    message: {
      ...(!native && { content: null, refusal: null }),
      ...(isJsonObject(memo.message) && memo.message),
      ...(isJsonObject(messageRest) && messageRest),
      ...(memo.role === undefined ? { role: 'assistant' } : memo.role !== false && { role: memo.role }),
      ...said,
    },
    ...logprobsField(candidate, path, native, options),
    ...finishField(candidate, said, memo, path, native, options),
  }
}

/** Log probabilities of other protocols have another shape. */
function logprobsField({ logprobs, tokens }: Candidate, path: string, native: boolean, { losses }: EncodeReplyOptions): JsonObject {
  if (native) return logprobs === undefined ? {} : { logprobs }
  if (tokens) return { logprobs: encodeTokens(tokens) }
  if (logprobs !== undefined && logprobs !== null) losses.dropped(`${path}logprobs`, 'logprobs', 'semantic')
  return { logprobs: null }
}

function finishField(candidate: Candidate, said: JsonObject, memo: JsonObject, path: string, native: boolean, { losses }: EncodeReplyOptions): JsonObject {
  const { finish } = candidate
  if (native && finish.raw !== undefined) return { finish_reason: finish.raw }
  if (native && memo.unfinished === true && finish.reason === 'other') return {}
  const tells = {
    calls: said.tool_calls !== undefined || said.function_call !== undefined,
    refusal: said.refusal !== undefined,
    legacy: said.function_call !== undefined,
  }
  return { finish_reason: encodeFinish(finish, tells, path, losses) }
}
