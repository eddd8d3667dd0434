import { formatEvent, type Json, type JsonObject } from 'tokligence'

/** Writes the chunks of one reply. All of them begin alike, so the beginning is made once. */
export class ChunkWriter {
  readonly #words: JsonObject
  readonly #withUsage: boolean
  readonly #head: string
  /** While usage is asked for, every chunk but the last says that it has none (openai 6.49.0, ChatCompletionChunk.usage). */
  readonly #tail: string
  /** Members that hold more than a word, such as a host's verdict on the prompt, stand in the first chunk alone. */
  #once: JsonObject

  constructor(description: JsonObject, withUsage: boolean) {
    const members = Object.entries(description)
    this.#once = Object.fromEntries(members.filter(([, value]) => typeof value === 'object'))
    this.#words = Object.fromEntries(members.filter(([, value]) => typeof value !== 'object'))
    this.#withUsage = withUsage
    this.#head = JSON.stringify({ ...this.#words, object: 'chat.completion.chunk' }).slice(0, -1)
    this.#tail = withUsage ? ',"usage":null' : ''
  }

  /** Writes the rest of the chunks, with members that came late. */
  extended(late: JsonObject): ChunkWriter {
    return new ChunkWriter({ ...this.#words, ...late }, this.#withUsage)
  }

  delta(index: number, delta: JsonObject, logprobs: Json = null): string {
    return this.#choice({ index, delta, logprobs, finish_reason: null })
  }

  finish(index: number, reason: string, rest: JsonObject): string {
    return this.#choice({ ...rest, index, delta: {}, logprobs: null, finish_reason: reason })
  }

  usage(usage: JsonObject): string {
    return formatEvent(`${this.#head},"choices":[],"usage":${JSON.stringify(usage)}}`)
  }

  done(): string {
    return formatEvent('[DONE]')
  }

  #choice(choice: JsonObject): string {
    const once = JSON.stringify(this.#once)
    this.#once = {}
    const extra = once === '{}' ? '' : `,${once.slice(1, -1)}`
    return formatEvent(`${this.#head},"choices":[${JSON.stringify(choice)}]${this.#tail}${extra}}`)
  }
}
