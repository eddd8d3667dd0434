import {
  GatewayError,
  type IncomingCall,
  isJsonObject,
  type Json,
  type JsonEdit,
  type JsonMember,
  type PatchedRequest,
  type Peek,
  patchBytes,
  peekJson,
  type RequestPatch,
} from 'tokligence'
import { modelResource, readModelPath } from './model-path.ts'

/** The whole request that a count is asked for (ai.google.dev/api/tokens, CountTokensRequest); both spellings are accepted. */
const wrappers = ['generateContentRequest', 'generate_content_request']

/** Model and stream stand in the path. Throws GatewayError `TKL_REQUEST_*`. */
export function peekRequest(call: IncomingCall): Peek {
  const members = peekJson(call.body, ['model', 'requests', ...wrappers])
  const { model, action } = readModelPath(call)
  if (model === '') throw new GatewayError('TKL_REQUEST_INVALID', 'The path must name a model, as in "models/NAME:generateContent".', { param: 'model' })
  return { model, stream: action === 'streamGenerateContent', members }
}

/** The model is in the path, which is the provider's to write. A body that repeats it must say the same, or the vendor refuses it. */
export function patchRequest(body: Buffer, peek: Peek, { model }: RequestPatch): PatchedRequest {
  if (model === peek.model) return { body, usageAdded: false }
  const wanted = JSON.stringify(modelResource(model))
  const edits = [...modelEdits(peek.members.get('model'), wanted), ...batchEdits(body, peek.members.get('requests'), modelResource(model))]
  for (const wrapper of wrappers) {
    const member = peek.members.get(wrapper)
    if (member?.type !== 'object') continue
    const inner = peekJson(body.subarray(member.start, member.end), ['model']).get('model')
    edits.push(...modelEdits(inner && { ...inner, start: inner.start + member.start, end: inner.end + member.start }, wanted))
  }
  return { body: patchBytes(body, edits), usageAdded: false }
}

function modelEdits(member: JsonMember | undefined, text: string): JsonEdit[] {
  return member?.type !== 'string' || JSON.stringify(member.value) === text ? [] : [{ start: member.start, end: member.end, text }]
}

/** Each request of a batch of texts to embed repeats the model (ai.google.dev/api/embeddings, BatchEmbedContentsRequest). */
function batchEdits(body: Buffer, member: JsonMember | undefined, model: string): JsonEdit[] {
  if (member?.type !== 'array') return []
  let requests: Json
  try {
    requests = JSON.parse(body.toString('utf8', member.start, member.end)) as Json
  } catch (error) {
    throw new GatewayError('TKL_REQUEST_JSON', 'The body is not valid JSON: "requests" cannot be read.', { cause: error, param: 'requests' })
  }
  const others = (request: Json) => isJsonObject(request) && typeof request.model === 'string' && request.model !== model
  if (!Array.isArray(requests) || !requests.some(others)) return []
  const renamed = requests.map((request: Json) => (isJsonObject(request) && others(request) ? { ...request, model } : request))
  return [{ start: member.start, end: member.end, text: JSON.stringify(renamed) }]
}
