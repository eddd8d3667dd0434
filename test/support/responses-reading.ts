import type OpenAI from 'openai'
import { type Fields, isObject, objects } from './json-fields.ts'
import { countOf, type Meaning, type MeaningOfUsage, parseArguments, textOf } from './meaning.ts'

/**
 * Asks and reads, streamed or not as the body says. Rejects as the client does, and for what a program has to look for itself: a response that failed,
 * and an `error` event in the form of the reference, for which `openai@6.49.0/core/streaming.mjs` throws nothing.
 */
export async function readResponses(client: OpenAI, body: Fields): Promise<Meaning> {
  if (body.stream !== true)
    return meaningOfResponse((await client.responses.create(body as unknown as OpenAI.Responses.ResponseCreateParamsNonStreaming)) as unknown)
  const stream = client.responses.stream(body as unknown as Parameters<typeof client.responses.stream>[0])
  let error: string | undefined
  stream.on('event', (event) => {
    if (event.type === 'error') error = event.message
  })
  const response = (await stream.finalResponse()) as unknown
  if (error !== undefined) throw new Error(error)
  return meaningOfResponse(response)
}

function meaningOfResponse(response: unknown): Meaning {
  const { output, status, error, incomplete_details: details, usage } = isObject(response) ? response : {}
  if (status === 'failed') throw new Error(isObject(error) ? textOf(error.message) : 'The response failed.')
  const items = objects(output)
  const messages = items.filter(({ type }) => type === 'message')
  const reasoning = items.filter(({ type }) => type === 'reasoning')
  const toolCalls = items.flatMap(({ type, name, arguments: json, input }) =>
    type === 'function_call'
      ? [{ name: textOf(name), arguments: parseArguments(textOf(json)) }]
      : type === 'custom_tool_call'
        ? [{ name: textOf(name), arguments: textOf(input) }]
        : [],
  )
  const refusal = joined(messages, 'content', 'refusal', 'refusal')
  return {
    text: joined(messages, 'content', 'output_text', 'text'),
    refusal,
    thinking: joined(reasoning, 'summary', 'summary_text', 'text') + joined(reasoning, 'content', 'reasoning_text', 'text'),
    toolCalls,
    finish: finishOf(status, isObject(details) ? details.reason : undefined, refusal, toolCalls.length),
    usage: isObject(usage) ? usageOfResponse(usage) : undefined,
  }
}

function finishOf(status: unknown, reason: unknown, refusal: string, toolCalls: number): Meaning['finish'] {
  if (status === 'incomplete') return reason === 'max_output_tokens' ? 'length' : reason === 'content_filter' ? 'refusal' : 'other'
  if (status !== 'completed') return 'other'
  return refusal !== '' ? 'refusal' : toolCalls > 0 ? 'tool-calls' : 'stop'
}

function joined(items: readonly Fields[], list: 'content' | 'summary', type: string, field: 'text' | 'refusal'): string {
  return items
    .flatMap((item) => objects(item[list]))
    .filter((part) => part.type === type)
    .map((part) => textOf(part[field]))
    .join('')
}

/** Cached tokens are part of input_tokens, reasoning tokens of output_tokens: openai@6.49.0/resources/responses/responses.d.ts, ResponseUsage. */
function usageOfResponse({ input_tokens: input, output_tokens: output, input_tokens_details: read, output_tokens_details: written }: Fields): MeaningOfUsage {
  const { cached_tokens: cacheRead, cache_write_tokens: cacheWrite } = isObject(read) ? read : {}
  return {
    input: countOf(input) - countOf(cacheRead) - countOf(cacheWrite),
    cacheRead: countOf(cacheRead),
    cacheWrite: countOf(cacheWrite),
    output: countOf(output),
    reasoning: isObject(written) ? countOf(written.reasoning_tokens) : 0,
  }
}
