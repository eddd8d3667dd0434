import {
  type EmbeddingCodec,
  type EmbeddingInput,
  type EmbeddingReply,
  type EmbeddingRequest,
  isJsonObject,
  type Json,
  type JsonObject,
  type LossSink,
  requestReader as read,
  replyReader,
  reportForeignFields,
  splitUnset,
  totalInput,
  type Usage,
} from 'tokligence'
import { protocolId, recall, remember } from '../wire/wire-memo.ts'
import { base64OfVector, vectorOfBase64 } from './base64-vector.ts'

/** EmbeddingCreateParams and CreateEmbeddingResponse in openai 6.49.0. */
export const embeddingCodec: EmbeddingCodec = { decodeRequest, encodeRequest, decodeReply, encodeReply }

function decodeRequest(body: JsonObject): EmbeddingRequest {
  const { input, ...others } = body
  const { given, unset } = splitUnset(others)
  const { model, dimensions, encoding_format: format, user, ...rest } = given
  const { inputs, single } = decodeInput(input)
  const length = read.optionalInteger(dimensions, 'dimensions')
  const endUser = read.optionalString(user, 'user')
  const written = read.optionalString(format, 'encoding_format')
  if (written !== undefined && written !== 'float' && written !== 'base64') throw read.fault('encoding_format', '"float" or "base64"')
  return {
    model: read.string(model, 'model'),
    inputs,
    single,
    encoding: written ?? 'float',
    ...(length !== undefined && { dimensions: length }),
    ...(endUser !== undefined && { user: endUser }),
    ...remember(rest, { native: true, unset, format: written }),
  }
}

/** A text, a list of texts, the tokens of one text, or a list of those. */
function decodeInput(input: Json | undefined): Pick<EmbeddingRequest, 'inputs' | 'single'> {
  if (typeof input === 'string') return { inputs: [input], single: true }
  if (!Array.isArray(input)) throw read.fault('input', 'a string or an array')
  if (input.length > 0 && input.every((token) => typeof token === 'number')) return { inputs: [input as readonly number[]], single: true }
  return { inputs: input.map(decodeListed), single: false }
}

function decodeListed(value: Json, index: number): EmbeddingInput {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((token) => typeof token === 'number')) return value as readonly number[]
  throw read.fault(`input[${index}]`, 'a string or an array of tokens')
}

/** Numbers are asked for as such when the caller's protocol knows nothing else. */
function encodeRequest(request: EmbeddingRequest, losses: LossSink): JsonObject {
  reportForeignFields(request, '', losses, protocolId)
  const { fields, memo } = recall(request)
  const { model, inputs, single, encoding, dimensions, user } = request
  const [first] = inputs
  const format = memo.native === true && memo.format === undefined && encoding === 'float' ? undefined : encoding
  return {
    ...fields,
    model,
    input: single && inputs.length === 1 && first !== undefined ? first : inputs,
    ...(format !== undefined && { encoding_format: format }),
    ...(dimensions !== undefined && { dimensions }),
    ...(user !== undefined && { user }),
  }
}

function decodeReply(body: Json): EmbeddingReply {
  const reply = replyReader.object(body, 'the reply')
  const entries = replyReader.array(reply.data, 'data').map((entry, place) => decodeEntry(entry, place))
  const vectors = entries.sort((one, other) => one.index - other.index).map(({ vector }) => vector)
  const usage = decodeUsage(reply.usage)
  return { vectors, ...(typeof reply.model === 'string' && { model: reply.model }), ...(usage && { usage }) }
}

function decodeEntry(value: Json, place: number): { readonly index: number; readonly vector: readonly number[] } {
  const path = `data[${place}]`
  const { index, embedding } = replyReader.object(value, path)
  const vector = typeof embedding === 'string' ? vectorOfBase64(embedding) : embedding
  if (!Array.isArray(vector) || !vector.every((each) => typeof each === 'number')) throw replyReader.fault(`${path}.embedding`, 'a list of numbers, or base64')
  return { index: typeof index === 'number' ? index : place, vector: vector as readonly number[] }
}

function decodeUsage(value: Json | undefined): Usage | undefined {
  if (!isJsonObject(value) || typeof value.prompt_tokens !== 'number') return undefined
  return { inputUncached: value.prompt_tokens, source: 'measured', raw: value }
}

function encodeReply({ vectors, model, usage }: EmbeddingReply, request: EmbeddingRequest, _losses: LossSink): Json {
  const input = usage && totalInput(usage)
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: request.encoding === 'base64' ? base64OfVector(vector) : vector,
    })),
    model: model ?? request.model,
    ...(input !== undefined && { usage: { prompt_tokens: input, total_tokens: input } }),
  }
}
