import { isDeepStrictEqual } from 'node:util'
import type { Conversation, Json, JsonObject, Sampling } from 'tokligence'
import { decodeMessages } from './decode-messages.ts'
import { decodeTools } from './decode-tools.ts'
import { requestReader as read } from './field-reader.ts'
import { decodeReasoningEffort } from './reasoning-effort.ts'
import { decodeResponseFormat } from './response-format.ts'
import { decodeLegacyChoice, decodeToolChoice } from './tool-choice.ts'
import { type Memo, remember, splitUnset } from './wire-memo.ts'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type Draft = Mutable<Partial<Conversation>>
type DraftMemo = { [name: string]: Json | undefined }

/** Fields are taken out of `left`; what is left over in the end is kept as the protocol's own. */
type Fields = { [name: string]: Json }

/** A request body in the neutral form. Throws GatewayError `TKL_REQUEST_INVALID` with the path of the field at fault. */
export function decodeRequest(body: JsonObject): Conversation {
  const { model, messages, stream, ...others } = body
  const { given, unset } = splitUnset(others)
  const streamed = stream === null ? false : (read.optionalBoolean(stream, 'stream') ?? false)
  const draft: Draft = {}
  const memo: DraftMemo = { native: true }
  const toolRest = decodeToolFields(given, draft, memo)
  const limitRest = decodeLimits(toolRest, draft, memo)
  const outputRest = decodeOutput(limitRest, draft, memo)
  const { sampling, rest: samplingRest } = decodeSampling(outputRest)
  const rest = decodeBookkeeping(samplingRest, streamed, draft, memo)
  const idle = { ...(stream !== undefined && !streamed && { stream }), ...(rest.logprobs === false && { logprobs: false }) }
  const { logprobs: _, ...unknown } = rest.logprobs === false ? rest : { ...rest, logprobs: undefined }
  return {
    model: read.string(model, 'model'),
    stream: streamed,
    instructions: [],
    instructionsForm: 'none',
    turns: decodeMessages(messages),
    sampling,
    tools: [],
    ...draft,
    ...remember(unknown as JsonObject, { ...memo, unset: { ...unset, ...idle } }),
  }
}
