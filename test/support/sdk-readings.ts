import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { geminiClient, readGemini } from './gemini-reading.ts'
import { asEvents } from './gemini-stream-forms.ts'
import { type Fields, isObject, objects } from './json-fields.ts'
import { countOf, type Meaning, type MeaningOfUsage, parseArguments, textOf } from './meaning.ts'
import type { RecordedProtocol, Recording } from './recordings.ts'
import { readResponses } from './responses-reading.ts'

export type Fetch = typeof globalThis.fetch

/** The vendor's own client, asking once; `baseUrl` is the origin. */
export function openaiClient(baseUrl: string, fetch?: Fetch): OpenAI {
  return new OpenAI({ apiKey: 'sk-caller', baseURL: `${baseUrl}/v1`, maxRetries: 0, timeout: 15_000, ...(fetch && { fetch }) })
}

/** The vendor's own client, asking once; `baseUrl` is the origin. */
export function anthropicClient(baseUrl: string, fetch?: Fetch): Anthropic {
  return new Anthropic({ apiKey: 'sk-caller', baseURL: baseUrl, maxRetries: 0, timeout: 15_000, logLevel: 'off', ...(fetch && { fetch }) })
}

/** Asks and reads, streamed or not as the body says. Rejects as the client does. */
export async function readChat(client: OpenAI, body: Fields): Promise<Meaning> {
  if (body.stream !== true)
    return meaningOfCompletion((await client.chat.completions.create(body as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming)) as unknown)
  const stream = client.chat.completions.stream(body as unknown as OpenAI.ChatCompletionCreateParamsStreaming)
  let thinking = ''
  // The client's own accumulator does not join fields that its types do not know.
  stream.on('chunk', (chunk) => {
    const delta = objects(chunk.choices).find((choice) => choice.index === 0)?.delta
    if (isObject(delta)) thinking += textOf(delta.reasoning_content ?? delta.reasoning)
  })
  const meaning = meaningOfCompletion((await stream.finalChatCompletion()) as unknown)
  return { ...meaning, thinking }
}

/** Asks and reads, streamed or not as the body says. Rejects as the client does. */
export async function readMessages(client: Anthropic, body: Fields): Promise<Meaning> {
  if (body.stream !== true) return meaningOfMessage((await client.messages.create(body as unknown as Anthropic.MessageCreateParamsNonStreaming)) as unknown)
  return meaningOfMessage((await client.messages.stream(body as unknown as Anthropic.MessageStreamParams).finalMessage()) as unknown)
}

/** What the upstream's own client reads from a recording, without any gateway. */
export function readRecording(recording: Recording): Promise<Meaning> {
  const fetch: Fetch = () => Promise.resolve(responseOf(recording))
  return read(recording.protocol, 'http://127.0.0.1', { ...smallestRequest(recording.protocol), stream: recording.stream }, fetch)
}

/** Reads with the client of a protocol. For `gemini` the body has a `model` and a `stream` beside the vendor's fields. */
export function read(protocol: RecordedProtocol, baseUrl: string, body: Fields, fetch?: Fetch): Promise<Meaning> {
  switch (protocol) {
    case 'openai-chat':
      return readChat(openaiClient(baseUrl, fetch), body)
    case 'openai-responses':
      return readResponses(openaiClient(baseUrl, fetch), body)
    case 'anthropic-messages':
      return readMessages(anthropicClient(baseUrl, fetch), body)
    case 'gemini':
      return readGemini(geminiClient(baseUrl, fetch), body)
  }
}

/** The least that each vendor accepts; for `gemini` with the model beside the vendor's fields. */
export function smallestRequest(protocol: RecordedProtocol, model = 'recorded'): Fields {
  const text = 'Say something.'
  const messages = [{ role: 'user', content: text }]
  switch (protocol) {
    case 'openai-chat':
      return { model, messages }
    case 'openai-responses':
      return { model, input: text }
    case 'anthropic-messages':
      return { model, messages, max_tokens: 1000 }
    case 'gemini':
      return { model, contents: [{ role: 'user', parts: [{ text }] }] }
  }
}

/** The vendor's client reads no array of chunks: it gets the same chunks as events. */
function responseOf({ status, stream, format, body }: Recording): Response {
  const bytes = format === 'json-array' ? asEvents(body) : body
  return new Response(new Uint8Array(bytes), { status, headers: { 'content-type': stream ? 'text/event-stream' : 'application/json' } })
}

function meaningOfCompletion(completion: unknown): Meaning {
  const { choices, usage } = isObject(completion) ? completion : {}
  const choice = objects(choices).find((candidate) => candidate.index === 0) ?? {}
  const message = isObject(choice.message) ? choice.message : {}
  const finishes: Readonly<Record<string, Meaning['finish']>> = {
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool-calls',
    function_call: 'tool-calls',
    content_filter: 'refusal',
  }
  const refusal = textOf(message.refusal)
  return {
    text: textOf(message.content),
    refusal,
    thinking: textOf(message.reasoning_content ?? message.reasoning),
    toolCalls: objects(message.tool_calls).map((call) => {
      if (isObject(call.custom)) return { name: textOf(call.custom.name), arguments: textOf(call.custom.input) }
      const made = isObject(call.function) ? call.function : {}
      return { name: textOf(made.name), arguments: parseArguments(textOf(made.arguments)) }
    }),
    finish: refusal !== '' ? 'refusal' : (finishes[textOf(choice.finish_reason)] ?? 'other'),
    usage: isObject(usage) ? usageOfCompletion(usage) : undefined,
  }
}

/** Cached tokens are part of prompt_tokens: openai@6.49.0/resources/completions.d.ts, CompletionUsage. */
function usageOfCompletion({
  prompt_tokens: prompt,
  completion_tokens: output,
  prompt_tokens_details: input,
  completion_tokens_details: details,
}: Fields): MeaningOfUsage {
  const { cached_tokens: read, cache_write_tokens: written } = isObject(input) ? input : {}
  return {
    input: countOf(prompt) - countOf(read) - countOf(written),
    cacheRead: countOf(read),
    cacheWrite: countOf(written),
    output: countOf(output),
    reasoning: isObject(details) ? countOf(details.reasoning_tokens) : 0,
  }
}

function meaningOfMessage(message: unknown): Meaning {
  const { content, stop_reason: stop, usage } = isObject(message) ? message : {}
  const blocks = objects(content)
  const joined = (type: string, field: string) =>
    blocks
      .filter((block) => block.type === type)
      .map((block) => textOf(block[field]))
      .join('')
  const finishes: Readonly<Record<string, Meaning['finish']>> = {
    end_turn: 'stop',
    stop_sequence: 'stop',
    pause_turn: 'stop',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool-calls',
    refusal: 'refusal',
  }
  return {
    text: joined('text', 'text'),
    // The protocol has no refusal text of its own: what the model says when it declines is text.
    refusal: '',
    thinking: joined('thinking', 'thinking'),
    toolCalls: blocks.filter((block) => block.type === 'tool_use').map((block) => ({ name: textOf(block.name), arguments: block.input })),
    finish: finishes[textOf(stop)] ?? 'other',
    usage: isObject(usage) ? usageOfMessage(usage) : undefined,
  }
}

/** The three input figures are disjoint: @anthropic-ai/sdk@1.12.0/resources/messages/messages.d.ts, Usage. */
function usageOfMessage({
  input_tokens: input,
  cache_read_input_tokens: read,
  cache_creation_input_tokens: written,
  output_tokens: output,
  output_tokens_details: details,
}: Fields): MeaningOfUsage {
  return {
    input: countOf(input),
    cacheRead: countOf(read),
    cacheWrite: countOf(written),
    output: countOf(output),
    reasoning: isObject(details) ? countOf(details.thinking_tokens) : 0,
  }
}
