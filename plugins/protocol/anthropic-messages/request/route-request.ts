import { GatewayError, type IncomingCall, type PatchedRequest, type Peek, patchBytes, peekJson, type RequestPatch, replaceMember } from 'tokligence'

/** Throws GatewayError `TKL_REQUEST_*`. */
export function peek({ body }: IncomingCall): Peek {
  const members = peekJson(body, ['model', 'stream'])
  const model = members.get('model')?.value
  if (typeof model !== 'string' || model === '') throw new GatewayError('TKL_REQUEST_INVALID', 'model must be a non-empty string.', { param: 'model' })
  const stream = members.get('stream')
  if (stream && stream.type !== 'boolean') throw new GatewayError('TKL_REQUEST_INVALID', 'stream must be true or false.', { param: 'stream' })
  return { model, stream: stream?.value === true, members }
}

/** Only the model's name: usage always comes in this protocol, asked for or not. */
export function patchRequest(body: Buffer, { members }: Peek, { model }: RequestPatch): PatchedRequest {
  const member = members.get('model')
  const edit = member && replaceMember(member, model)
  return { body: edit ? patchBytes(body, [edit]) : body, usageAdded: false }
}
