import { faultsOfCandidate, faultsOfError, faultsOfHead, faultsOfUsage, isBlocked } from './gemini-response-rules.ts'
import { type Fields, isObject, list, objects } from './json-fields.ts'
import { referenceEvents } from './reference-events.ts'

/** What some hosts and older models send in no chunk. */
export type GeminiOmission = 'modelVersion' | 'responseId' | 'usageMetadata'

export interface GeminiStreamExpectation {
  /** Events for those who asked with `alt=sse`, else one array of JSON; `sse` when absent. */
  readonly form?: 'sse' | 'json-array'
  /** How the stream must end; `complete` when absent. */
  readonly ending?: 'complete' | 'error'
  /** The reply's content-type, when it is to be checked. */
  readonly contentType?: string | null
  /** What may be missing in every chunk. */
  readonly mayLack?: readonly GeminiOmission[]
}

const stable = ['modelVersion', 'responseId'] as const

/**
 * What is wrong with streamed content; an empty list when nothing is. Written from GenerateContentResponse in `@google/genai@3.1.0/dist/genai.d.ts`,
 * from how that client cuts a stream apart (`_api_client.ts`, processStreamResponse) and from the recorded streams: events are data only, none says
 * that the stream is over, and the last one has the finishReason and the final usage.
 */
export function checkGeminiStream(bytes: Buffer, expected: GeminiStreamExpectation = {}): string[] {
  return new GeminiStreamCheck(expected).check(bytes)
}

/** What is wrong with a whole answer of `:generateContent`; an empty list when nothing is. */
export function checkGeminiResponse(value: unknown, expected: Pick<GeminiStreamExpectation, 'mayLack'> = {}): string[] {
  return new GeminiStreamCheck(expected).checkChunks([value])
}

class GeminiStreamCheck {
  readonly #expected: GeminiStreamExpectation
  readonly #violations: string[] = []
  /** For each candidate whether it has finished. */
  readonly #candidates = new Map<number, boolean>()
  #where = 'stream'
  #first: Fields | undefined
  #blocked = false
  #error = false

  constructor(expected: GeminiStreamExpectation) {
    this.#expected = expected
  }

  check(bytes: Buffer): string[] {
    const { form = 'sse', contentType } = this.#expected
    const type = form === 'sse' ? /^text\/event-stream\b/ : /^application\/json\b/
    if (contentType !== undefined) this.#need(type.test(contentType ?? ''), `content-type is ${contentType}`)
    return this.checkChunks(form === 'sse' ? this.#eventsOf(bytes) : this.#elementsOf(bytes))
  }

  checkChunks(chunks: readonly unknown[]): string[] {
    for (const [index, chunk] of chunks.entries()) {
      this.#where = `chunk ${index}`
      this.#need(!this.#error, 'comes after an error')
      if (isObject(chunk)) this.#checkChunk(chunk, index === chunks.length - 1)
      else this.#violation(`is no JSON object: ${JSON.stringify(chunk).slice(0, 80)}`)
    }
    this.#where = 'stream'
    this.#checkEnd()
    return this.#violations
  }

  #eventsOf(bytes: Buffer): unknown[] {
    const events = referenceEvents(bytes)
    const rest = bytes
      .toString('utf8')
      .replace(/^.*(\n\n|\r\n\r\n|\r\r)/s, '')
      .trim()
    // An error stands there once more, for clients that look for it outside of events.
    const isRepeated = rest === events.at(-1)?.data && rest.startsWith('{"error"')
    this.#need(rest === '' ? /[\n\r]{2}$/.test(bytes.toString('latin1')) : isRepeated, 'does not end with a blank line')
    return events.map(({ event, data }, index) => {
      this.#need(event === '', `has the event name "${event}" at chunk ${index}; events are data only`)
      return parsed(data)
    })
  }

  #elementsOf(bytes: Buffer): readonly unknown[] {
    const value = parsed(bytes.toString('utf8'))
    if (!Array.isArray(value)) this.#violation('is no array of JSON')
    return list(value)
  }

  #checkChunk(chunk: Fields, isLast: boolean) {
    if ('error' in chunk) {
      this.#error = true
      for (const fault of faultsOfError(chunk.error)) this.#violation(fault)
      return
    }
    const { mayLack = [] } = this.#expected
    this.#first ??= chunk
    for (const fault of faultsOfHead(chunk)) this.#violation(fault)
    for (const name of stable) {
      this.#need(chunk[name] === this.#first[name], `has another ${name} (${chunk[name]}) than the first chunk (${this.#first[name]})`)
      const mayBeMissing = mayLack.includes(name) && chunk[name] === undefined
      this.#need(mayBeMissing || (typeof chunk[name] === 'string' && chunk[name] !== ''), `has no ${name}`)
    }
    if (chunk.usageMetadata !== undefined || !mayLack.includes('usageMetadata'))
      for (const fault of faultsOfUsage(chunk.usageMetadata, isLast)) this.#violation(fault)
    this.#blocked ||= isBlocked(chunk)
    for (const candidate of list(chunk.candidates)) {
      if (isObject(candidate)) this.#checkCandidate(candidate)
      else this.#violation('has a candidate that is no object')
    }
    this.#need(new Set(objects(chunk.candidates).map(({ index }) => index ?? 0)).size === list(chunk.candidates).length, 'has a candidate twice')
  }

  #checkCandidate(candidate: Fields) {
    for (const fault of faultsOfCandidate(candidate)) this.#violation(fault)
    // A host whose JSON leaves zeros out sends no index for the only candidate.
    const index = typeof candidate.index === 'number' ? candidate.index : 0
    this.#need(this.#candidates.get(index) !== true, `has something for candidate ${index} after its finishReason`)
    this.#candidates.set(index, candidate.finishReason !== undefined)
  }

  #checkEnd() {
    if (this.#expected.ending === 'error') return this.#need(this.#error, 'has no error at its end')
    this.#need(!this.#error, 'has an error')
    if (this.#blocked) return this.#need(this.#candidates.size === 0, 'has candidates for a prompt that was blocked')
    this.#need(this.#candidates.size > 0, 'has no candidate')
    for (const [index, finished] of this.#candidates) this.#need(finished, `has no finishReason for candidate ${index}`)
  }

  #need(condition: boolean, otherwise: string): void {
    if (!condition) this.#violation(otherwise)
  }

  #violation(text: string): void {
    this.#violations.push(`${this.#where} ${text}`)
  }
}

/** The value of a text that is JSON, else the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
