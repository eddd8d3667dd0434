import { formatEvent, type Json, type JsonObject } from 'tokligence'

/** Writes the chunks of one reply. All of them begin alike, so the beginning is made once. */
export class ChunkWriter {
  readonly #head: string
  /** While usage is asked for, every chunk but the last says that it has none (openai 6.49.0, ChatCompletionChunk.usage). */
  readonly #tail: string

  constructor(description: JsonObject, withUsage: boolean) {
    this.#head = JSON.stringify({ ...description, object: 'chat.completion.chunk' }).slice(0, -1)
    this.#tail = withUsage ? ',"usage":null}' : '}'
  }

  delta(index: number, delta: JsonObject, logprobs: Json = null): string {
    return this.#choice(index, delta, logprobs, null)
  }

  finish(index: number, reason: string, rest: JsonObject): string {
    return this.#choice(index, {}, null, reason, rest)
  }

  usage(usage: JsonObject): string {
    return formatEvent(`${this.#head},"choices":[],"usage":${JSON.stringify(usage)}}`)
  }

  done(): string {
    return formatEvent('[DONE]')
  }

  #choice(index: number, delta: JsonObject, logprobs: Json, reason: string | null, rest?: JsonObject): string {
    const choice = JSON.stringify({ ...rest, index, delta, logprobs, finish_reason: reason })
    return formatEvent(`${this.#head},"choices":[${choice}]${this.#tail}`)
  }
}
