import { type Block, type Candidate, GatewayError, isJsonObject, type Json, type JsonObject, type Reply, replyReader as read } from 'tokligence'
import { logprobsOf } from '../item/decode-message.ts'
import { decodeOutputItem } from '../item/decode-output-item.ts'
import { decodeLogprobs } from '../item/logprobs.ts'
import { decodeFinish, saidIn } from './finish.ts'
import { decodeFailure } from './response-error.ts'
import { decodeDescription } from './response-fields.ts'
import { decodeUsage } from './usage.ts'

/** A whole reply. Throws GatewayError `TKL_UPSTREAM_MALFORMED`, or the vendor's own error when the response failed. */
export function decodeReply(body: Json): Reply {
  const response = read.object(body, 'the body')
  if (response.status === 'failed' || (response.output === undefined && isJsonObject(response.error)))
    throw GatewayError.fromWire(decodeFailure(response.error ?? undefined))
  const output = read.array(response.output, 'output')
  const blocks = output.flatMap((item, index) => decodeOutputItem(read.object(item, `output[${index}]`), `output[${index}]`, read))
  const usage = decodeUsage(response.usage)
  return {
    ...decodeDescription(response),
    candidates: [{ blocks, finish: decodeFinish(response, saidIn(blocks)), ...logprobFields(blocks) }],
    ...(usage && { usage }),
  }
}

/** Log probabilities of all texts one after the other, as they would have come in pieces. */
function logprobFields(blocks: readonly Block[]): Pick<Candidate, 'logprobs' | 'tokens'> {
  const content = blocks.flatMap((block) => logprobsOf(block))
  return content.length === 0 ? {} : logprobPiece(content)
}

/** Log probabilities of a piece of text in a shape that pieces can be joined in. */
export function logprobPiece(content: readonly Json[]): { readonly logprobs: JsonObject; readonly tokens?: NonNullable<Candidate['tokens']> } {
  const tokens = decodeLogprobs(content)
  return { logprobs: { content }, ...(tokens && { tokens }) }
}
