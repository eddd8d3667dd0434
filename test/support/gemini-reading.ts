import { GoogleGenAI } from '@google/genai'
import { type Fields, isObject, objects } from './json-fields.ts'
import { countOf, type Meaning, type MeaningOfUsage, textOf } from './meaning.ts'

type Fetch = typeof globalThis.fetch

/** The vendor's own client, asking once; `baseUrl` is the origin. It asks under `/v1`, as the newest versions do by default. */
export function geminiClient(baseUrl: string, fetch?: Fetch): GoogleGenAI {
  return new GoogleGenAI({ apiKey: 'caller', httpOptions: { baseUrl, apiVersion: 'v1', timeout: 15_000, ...(fetch && { fetch }) } })
}

/**
 * Asks and reads, streamed or not as the body says. The body is the vendor's GenerateContentRequest with a `model` and a `stream` beside its fields,
 * which the client wants in the address. Rejects as the client does.
 */
export async function readGemini(client: GoogleGenAI, body: Fields): Promise<Meaning> {
  const { model, stream, contents, generationConfig, ...rest } = body
  const config = { ...(isObject(generationConfig) ? generationConfig : {}), ...rest }
  const parameters = { model, contents, config } as unknown as Parameters<typeof client.models.generateContent>[0]
  if (stream !== true) return meaningOfChunks([await client.models.generateContent(parameters)])
  const chunks: unknown[] = []
  for await (const chunk of await client.models.generateContentStream(parameters)) chunks.push(chunk)
  return meaningOfChunks(chunks)
}

const finishes: Readonly<Record<string, Meaning['finish']>> = {
  STOP: 'stop',
  // The number of STOP, which some hosts write.
  1: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'refusal',
  RECITATION: 'refusal',
  BLOCKLIST: 'refusal',
  PROHIBITED_CONTENT: 'refusal',
  SPII: 'refusal',
  IMAGE_SAFETY: 'refusal',
}

/** What a program gathers from the chunks of a stream, or from the one of a whole answer. Only the first candidate is read. */
function meaningOfChunks(chunks: readonly unknown[]): Meaning {
  const candidates = chunks
    .flatMap((chunk) => objects(isObject(chunk) ? chunk.candidates : undefined))
    .filter(({ index }) => index === undefined || index === 0)
  const parts = candidates.flatMap(({ content }) => objects(isObject(content) ? content.parts : undefined))
  const joined = (thought: boolean) =>
    parts
      .filter((part) => (part.thought === true) === thought)
      .map((part) => textOf(part.text))
      .join('')
  const toolCalls = parts.flatMap(({ functionCall: call }) => (isObject(call) ? [{ name: textOf(call.name), arguments: call.args ?? {} }] : []))
  const blocked = chunks.some((chunk) => isObject(chunk) && isObject(chunk.promptFeedback) && chunk.promptFeedback.blockReason !== undefined)
  const reason = candidates.findLast(({ finishReason }) => finishReason !== undefined)?.finishReason
  const finish = blocked ? 'refusal' : (finishes[String(reason)] ?? 'other')
  const usage = chunks.flatMap((chunk) => (isObject(chunk) && isObject(chunk.usageMetadata) ? [chunk.usageMetadata] : []))
  return {
    text: joined(false),
    // The protocol has no refusal text of its own: what the model said until it was stopped is text.
    refusal: '',
    thinking: joined(true),
    toolCalls,
    // The vendor stops with STOP for function calls too.
    finish: finish === 'stop' && toolCalls.length > 0 ? 'tool-calls' : finish,
    usage: usage.length > 0 ? usageOfChunks(Object.assign({}, ...usage) as Fields) : undefined,
  }
}

/**
 * Cached tokens are part of promptTokenCount; thoughts and what tools put into the prompt stand beside it: @google/genai@3.1.0/dist/genai.d.ts,
 * GenerateContentResponseUsageMetadata, and every recorded totalTokenCount.
 */
function usageOfChunks(usage: Fields): MeaningOfUsage {
  const cacheRead = countOf(usage.cachedContentTokenCount)
  const reasoning = countOf(usage.thoughtsTokenCount)
  return {
    input: countOf(usage.promptTokenCount) - cacheRead + countOf(usage.toolUsePromptTokenCount),
    cacheRead,
    cacheWrite: 0,
    output: countOf(usage.candidatesTokenCount) + reasoning,
    reasoning,
  }
}
