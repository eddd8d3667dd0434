import {
  GatewayError,
  type IncomingCall,
  insertMember,
  isJsonObject,
  type JsonEdit,
  type JsonMember,
  type PatchedRequest,
  type Peek,
  patchBytes,
  peekJson,
  type RequestPatch,
  replaceMember,
} from 'tokligence'

/** Reads what routing needs. Throws GatewayError `TKL_REQUEST_*`. */
export function peekRequest(call: IncomingCall): Peek {
  const members = peekJson(call.body, ['model', 'stream', 'stream_options'])
  const model = members.get('model')
  if (typeof model?.value !== 'string' || model.value === '') throw invalid('model', 'a non-empty string')
  const stream = members.get('stream')
  if (stream !== undefined && stream.type !== 'boolean' && stream.type !== 'null') throw invalid('stream', 'a boolean')
  return { model: model.value, stream: stream?.value === true, members }
}

/** Patches the model's name, and the wish for usage where the caller did not utter it, into the bytes. */
export function patchRequest(body: Buffer, peek: Peek, patch: RequestPatch): PatchedRequest {
  const edits: JsonEdit[] = []
  const model = peek.members.get('model')
  const renamed = model && replaceMember(model, patch.model)
  if (renamed) edits.push(renamed)
  const usage = peek.stream && patch.requestUsage ? usageEdit(body, peek.members.get('stream_options')) : undefined
  if (usage) edits.push(usage)
  return { body: patchBytes(body, edits), usageAdded: usage !== undefined }
}

const usageOptions = '{"include_usage":true}'

function usageEdit(body: Buffer, options: JsonMember | undefined): JsonEdit | undefined {
  if (options === undefined) return insertMember(body, 'stream_options', usageOptions)
  const { type, start, end } = options
  if (type === 'null') return { start, end, text: usageOptions }
  // What is no object is the caller's mistake, and the vendor's to name.
  if (type !== 'object') return undefined
  const parsed = parseOptions(body.toString('utf8', start, end))
  if (parsed.include_usage === true) return undefined
  return { start, end, text: JSON.stringify({ ...parsed, include_usage: true }) }
}

function parseOptions(text: string) {
  let options: unknown
  try {
    options = JSON.parse(text)
  } catch (error) {
    throw new GatewayError('TKL_REQUEST_JSON', 'The body is not valid JSON: "stream_options" cannot be read.', { cause: error, param: 'stream_options' })
  }
  return isJsonObject(options) ? options : {}
}

function invalid(param: string, expected: string): GatewayError {
  return new GatewayError('TKL_REQUEST_INVALID', `"${param}" must be ${expected}.`, { param })
}
