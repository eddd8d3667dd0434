import { GatewayError, isEmpty, isJsonObject, type Json, type JsonObject, type Reply, type ReplySummary } from 'tokligence'
import { decodeBlocks } from '../message/decode-block.ts'
import { keepAlways } from '../wire/extensions.ts'
import { expectObject, optionalString, reading, take } from '../wire/shape.ts'
import { decodeStreamError } from '../wire/wire-error.ts'
import { decodeStop } from './stop-reason.ts'
import { decodeUsage, usageRest } from './usage.ts'

/** Throws GatewayError: `TKL_UPSTREAM_ERROR` for the vendor's error under status 200, `TKL_UPSTREAM_MALFORMED` for what is no message. */
export function decodeReply(body: Json): Reply {
  return reading('TKL_UPSTREAM_MALFORMED', () => decode(expectObject(body, 'The reply')))
}

function decode(body: JsonObject): Reply {
  if (body.type === 'error') throw GatewayError.fromWire(decodeStreamError(body))
  const blocks = decodeBlocks(body.content, 'content')
  const { fields, rest } = decodeHead(body)
  const { stop_reason, stop_sequence } = take(body, ['stop_reason', 'stop_sequence']).fields
  const { raw } = optionalString('raw', stop_reason, 'stop_reason')
  const { sequence } = optionalString('sequence', stop_sequence, 'stop_sequence')
  const usage = decodeUsage(body.usage)
  return {
    ...fields,
    candidates: [{ blocks, finish: decodeStop(raw, sequence), ...keepAlways(endFields(body)) }],
    ...(usage && { usage }),
    ...keepAlways(rest),
  }
}

export interface ReplyHead {
  readonly fields: Pick<Reply, 'id' | 'model' | 'serviceTier'>
  readonly rest: JsonObject
}

/** What a message says of itself before its content: the same in a unary reply and in `message_start`. */
export function decodeHead(message: JsonObject): ReplyHead {
  const { id, type: _type, role: _role, model, content: _content, usage, ...others } = message
  const { stop_reason: _reason, stop_sequence: _sequence, stop_details: _details, container: _container, ...rest } = others
  const restOfUsage = usageRest(usage)
  return {
    fields: {
      ...optionalString('id', id, 'id'),
      ...optionalString('model', model, 'model'),
      ...(typeof restOfUsage.service_tier === 'string' && { serviceTier: restOfUsage.service_tier }),
    },
    rest: { ...rest, ...(!isEmpty(restOfUsage) && { usage: restOfUsage }) },
  }
}

/** Fields that stand beside the stop reason, in a unary reply as in `message_delta`. */
export function endFields(message: JsonObject): JsonObject {
  const { stop_details, container } = message
  return { ...(stop_details !== undefined && { stop_details }), ...(container !== undefined && { container }) }
}

/** Never throws: a body that is no message is an incomplete reply without content. */
export function summarize(body: Json): ReplySummary {
  if (!isJsonObject(body)) return { complete: false, contentEvents: 0 }
  if (body.type === 'error') return { complete: false, contentEvents: 0, error: decodeStreamError(body) }
  const usage = decodeUsage(body.usage)
  return {
    ...(usage && { usage }),
    ...(typeof body.id === 'string' && { id: body.id }),
    ...(typeof body.model === 'string' && { model: body.model }),
    ...(typeof body.stop_reason === 'string' && { finish: body.stop_reason }),
    complete: true,
    contentEvents: Array.isArray(body.content) ? body.content.length : 0,
  }
}
