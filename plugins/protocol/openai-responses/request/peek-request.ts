import { GatewayError, type IncomingCall, type PatchedRequest, type Peek, patchBytes, peekJson, type RequestPatch, replaceMember } from 'tokligence'

/** Reads what routing needs. Throws GatewayError `TKL_REQUEST_*`. */
export function peekRequest({ body }: IncomingCall): Peek {
  const members = peekJson(body, ['model', 'stream', 'background'])
  const model = members.get('model')
  if (typeof model?.value !== 'string' || model.value === '') throw invalid('model', '"model" must be a non-empty string.')
  const stream = members.get('stream')
  if (stream !== undefined && stream.type !== 'boolean' && stream.type !== 'null') throw invalid('stream', '"stream" must be a boolean.')
  if (members.get('background')?.value === true)
    throw invalid('background', '"background" is not supported: the reply would come when nobody is there to meter it. Send the request without it.')
  return { model: model.value, stream: stream?.value === true, members }
}

/** Only the model's name: usage always comes in this protocol, asked for or not. */
export function patchRequest(body: Buffer, { members }: Peek, { model }: RequestPatch): PatchedRequest {
  const member = members.get('model')
  const edit = member && replaceMember(member, model)
  return { body: edit ? patchBytes(body, [edit]) : body, usageAdded: false }
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError('TKL_REQUEST_INVALID', message, { param })
}
