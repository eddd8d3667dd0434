import { type Candidate, GatewayError, isEmpty, isJsonObject, type Json, type JsonObject, type Reply, replyReader as read, splitUnset } from 'tokligence'
import { decodeErrorValue } from '../failure/decode-error.ts'
import { decodeAssistant } from '../message/decode-assistant.ts'
import { inventCallId } from '../message/tool-call.ts'
import { remember } from '../wire/wire-memo.ts'
import { decodeFinish } from './finish-reason.ts'
import { decodeTokens } from './token-logprobs.ts'
import { decodeUsage } from './usage.ts'

/** A whole reply. Throws GatewayError `TKL_UPSTREAM_MALFORMED`, or the vendor's own error when that is what came with status 200. */
export function decodeReply(body: Json): Reply {
  const reply = read.object(body, 'the body')
  if (reply.choices === undefined && isJsonObject(reply.error)) throw GatewayError.fromWire(decodeErrorValue(reply.error))
  const { choices, object, ...others } = reply
  const { given, unset } = splitUnset(others)
  const { usage: rawUsage, ...described } = given
  const usage = decodeUsage(rawUsage)
  const { known, rest } = takeDescription(described)
  return {
    ...known,
    candidates: read.array(choices, 'choices').map((choice, index) => decodeChoice(choice, index)),
    ...(usage && { usage }),
    ...remember(usage || rawUsage === undefined ? rest : { ...rest, usage: rawUsage }, {
      native: true,
      unset,
      object: object === 'chat.completion' ? undefined : object === undefined ? false : object,
    }),
  }
}

/** Fields of a reply or of a chunk that the neutral form names. One of another type than usual stays with the rest. */
export function takeDescription(fields: JsonObject): { readonly known: Pick<Reply, 'id' | 'model' | 'created' | 'serviceTier'>; readonly rest: JsonObject } {
  const { id, model, created, service_tier: serviceTier, ...rest } = fields
  const hasId = typeof id === 'string' && id !== ''
  const hasModel = typeof model === 'string' && model !== ''
  const hasCreated = Number.isInteger(created) && created !== 0
  const hasTier = typeof serviceTier === 'string'
  return {
    known: {
      ...(hasId && { id }),
      ...(hasModel && { model }),
      ...(hasCreated && { created: created as number }),
      ...(hasTier && { serviceTier }),
    },
    rest: {
      ...(!hasId && id !== undefined && { id }),
      ...(!hasModel && model !== undefined && { model }),
      ...(!hasCreated && created !== undefined && { created }),
      ...(!hasTier && serviceTier !== undefined && { service_tier: serviceTier }),
      ...rest,
    },
  }
}

function decodeChoice(value: Json, position: number): Candidate {
  const path = `choices[${position}]`
  const { message, ...others } = read.object(value, path)
  const { given, unset } = splitUnset(others)
  const { index, logprobs, finish_reason: raw, ...rest } = given
  const said = decodeAssistant(read.object(message, `${path}.message`), `${path}.message`, read, inventCallId())
  const tokens = decodeTokens(logprobs)
  const finish = decodeFinish(typeof raw === 'string' ? raw : undefined, {
    calls: said.blocks.some((block) => block.type === 'tool-call'),
    refusal: said.blocks.some((block) => block.type === 'refusal'),
  })
  return {
    blocks: said.blocks,
    finish,
    ...(logprobs !== undefined && { logprobs }),
    ...(tokens && { tokens }),
    ...remember(
      { ...rest, ...(!isEmpty(said.rest) && { message: said.rest }) },
      {
        unset,
        form: said.form === 'text' ? undefined : said.form,
        message: said.memo.unset,
        role: said.memo.role,
        index: index === position ? undefined : index === undefined ? false : index,
        unfinished: raw === undefined ? true : undefined,
      },
    ),
  }
}
