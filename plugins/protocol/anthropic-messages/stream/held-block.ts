import type { Json, JsonObject } from 'tokligence'

/**
 * A streamed block without a neutral form (a hosted tool's call, a compaction), kept back until it is whole: events hold such a block in one
 * piece, so that it reads the same streamed and not.
 */
export class HeldBlock {
  #value: JsonObject
  #inputText = ''

  constructor(value: JsonObject) {
    this.#value = value
  }

  push(delta: JsonObject): void {
    const { type, ...fields } = delta
    if (type === 'input_json_delta') {
      if (typeof fields.partial_json === 'string') this.#inputText += fields.partial_json
      return
    }
    for (const [field, value] of Object.entries(fields)) this.#value = { ...this.#value, [field]: this.#next(type, field, value) }
  }

  /** Throws SyntaxError when the streamed input is not JSON. */
  whole(): JsonObject {
    return this.#inputText === '' ? this.#value : { ...this.#value, input: JSON.parse(this.#inputText) as Json }
  }

  /** Text grows; any other delta carries a final value (`compaction_delta` in BetaMessageStream of @anthropic-ai/sdk 1.12.0). */
  #next(type: Json | undefined, field: string, value: Json): Json {
    const before = Object.hasOwn(this.#value, field) ? this.#value[field] : undefined
    const grows = type === 'text_delta' || type === 'thinking_delta'
    return grows && typeof before === 'string' && typeof value === 'string' ? before + value : value
  }
}
