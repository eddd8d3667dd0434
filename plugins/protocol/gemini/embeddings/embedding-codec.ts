import {
  type EmbeddingCodec,
  type EmbeddingReply,
  type EmbeddingRequest,
  type IncomingCall,
  isJsonObject,
  type Json,
  type JsonObject,
  type LossSink,
  type Memo,
  requestReader as read,
  replyReader,
  reportForeignFields,
  totalInput,
  type Usage,
} from 'tokligence'
import { modelResource, readModelPath } from '../request/model-path.ts'
import { takeFields } from '../wire/fields.ts'
import { protocolId, recall, remember } from '../wire/wire-memo.ts'

/** ai.google.dev/api/embeddings: `embedContent` for one text, `batchEmbedContents` for several. */
export const embeddings: EmbeddingCodec = { decodeRequest, encodeRequest, decodeReply, encodeReply }

interface OneRequest {
  readonly input: string
  readonly dimensions: number | undefined
  /** What the neutral form has no name for: `taskType`, `title` … */
  readonly rest: JsonObject
  /** The whole, for the way back. */
  readonly wire: JsonObject
}

function decodeRequest(body: JsonObject, call: IncomingCall): EmbeddingRequest {
  const { model } = readModelPath(call)
  const single = call.operation === 'embed-one'
  const { fields, rest: outer } = takeFields(body, ['requests'])
  const requests = single
    ? [decodeOne(body, '')]
    : read.array(fields.requests, 'requests').map((request, index) => decodeOne(read.object(request, `requests[${index}]`), `requests[${index}].`))
  const [first] = requests
  const same = requests.every(({ dimensions }) => dimensions === first?.dimensions)
  const settings = commonFields(
    requests.map(({ rest, dimensions }) => (same || dimensions === undefined ? rest : { ...rest, outputDimensionality: dimensions })),
  )
  return {
    model,
    inputs: requests.map(({ input }) => input),
    ...(same && first?.dimensions !== undefined && { dimensions: first.dimensions }),
    encoding: 'float',
    single,
    ...remember(single ? settings : { ...outer, ...settings }, { native: true, requests: requests.map(({ wire }) => wire) } as Memo),
  }
}

/** `prefix` is the path of the request, with a dot behind it. */
function decodeOne(request: JsonObject, prefix: string): OneRequest {
  const { fields, rest } = takeFields(request, ['model', 'content', 'outputDimensionality'])
  const content = read.object(fields.content, `${prefix}content`)
  const parts = isJsonObject(content.parts) ? [content.parts] : read.array(content.parts, `${prefix}content.parts`)
  const texts = parts.map((part, index) => read.string(read.object(part, `${prefix}content.parts[${index}]`).text, `${prefix}content.parts[${index}].text`))
  return { input: texts.join('\n'), dimensions: read.optionalInteger(fields.outputDimensionality, `${prefix}outputDimensionality`), rest, wire: request }
}

/** Fields of several requests as one each: the value that all have, else the list of values. */
function commonFields(requests: readonly JsonObject[]): JsonObject {
  const names = new Set(requests.flatMap((request) => Object.keys(request)))
  const valuesOf = (name: string) => requests.map((request) => request[name] ?? null)
  const entries = [...names].map((name): [string, Json] => {
    const values = valuesOf(name)
    const texts = new Set(values.map((value) => JSON.stringify(value)))
    return [name, texts.size === 1 ? (values[0] as Json) : values]
  })
  return Object.fromEntries(entries)
}

function encodeRequest(request: EmbeddingRequest, losses: LossSink): JsonObject {
  reportForeignFields(request, '', losses, protocolId)
  if (request.user !== undefined) losses.dropped('user', 'user-id', 'hint')
  const { memo } = recall(request)
  const own = Array.isArray(memo.requests) ? (memo.requests as readonly JsonObject[]) : []
  const model = modelResource(request.model)
  const dimensions = request.dimensions === undefined ? {} : { outputDimensionality: request.dimensions }
  const requests = request.inputs.map((input, index): JsonObject => {
    if (typeof input !== 'string') throw read.fault(`input[${index}]`, 'a text: the provider’s protocol takes no tokens')
    const wire = own[index]
    const unchanged = wire !== undefined && decodeOne(wire, '').input === input
    return unchanged ? { ...wire, model } : { model, content: { parts: [{ text: input }] }, ...dimensions }
  })
  return { requests }
}

function decodeReply(body: Json): EmbeddingReply {
  const { fields } = takeFields(replyReader.object(body, 'the reply'), ['embedding', 'embeddings', 'usageMetadata'])
  const lists = fields.embedding === undefined ? replyReader.array(fields.embeddings, 'embeddings') : [fields.embedding]
  const usage = decodeUsage(fields.usageMetadata)
  return { vectors: lists.map((entry, index) => decodeVector(entry, `embeddings[${index}]`)), ...(usage && { usage }) }
}

function decodeVector(entry: Json, path: string): readonly number[] {
  const values = replyReader.array(replyReader.object(entry, path).values, `${path}.values`)
  if (!values.every((value) => typeof value === 'number')) throw replyReader.fault(`${path}.values`, 'a list of numbers')
  return values as readonly number[]
}

/** UsageMetadata in @google/genai 3.1.0. */
function decodeUsage(value: Json | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined
  const { promptTokenCount } = takeFields(value, ['promptTokenCount']).fields
  return typeof promptTokenCount === 'number' ? { inputUncached: promptTokenCount, source: 'measured', raw: value } : undefined
}

function encodeReply({ vectors, usage }: EmbeddingReply, { single }: EmbeddingRequest, _losses: LossSink): Json {
  const embeddings = vectors.map((values) => ({ values }))
  const input = usage && totalInput(usage)
  const told = input === undefined ? {} : { usageMetadata: { promptTokenCount: input, totalTokenCount: input } }
  return single && embeddings.length === 1 ? { embedding: embeddings[0] as JsonObject, ...told } : { embeddings, ...told }
}
