import { type Fields, isObject, parseObject } from './json-fields.ts'
import { isSameOutput, OpenItem } from './openai-response-item-check.ts'
import { faultsOfItem, faultsOfResponse, type ResponseState } from './openai-response-rules.ts'
import { referenceEvents } from './reference-events.ts'

export interface ResponsesStreamExpectation {
  /** How the stream must end; `complete` when absent. An `error` is the event of that name or `response.failed`. */
  readonly ending?: 'complete' | 'error'
  /** The reply's content-type, when it is to be checked. */
  readonly contentType?: string | null
}

const endings: Readonly<Record<string, ResponseState>> = {
  'response.completed': 'completed',
  'response.incomplete': 'incomplete',
  'response.failed': 'failed',
}

/**
 * What is wrong with a streamed response; an empty list when nothing is. Written from the vendor's "Streaming events" reference, from
 * ResponseStreamEvent in `openai@6.49.0/resources/responses/responses.d.ts` and from what the accumulator of that client takes. The vendor writes one
 * item after the other, and one part after the other.
 */
export function checkOpenaiResponsesStream(bytes: Buffer, expected: ResponsesStreamExpectation = {}): string[] {
  return new ResponsesStreamCheck(expected).check(bytes)
}

class ResponsesStreamCheck {
  readonly #expected: ResponsesStreamExpectation
  readonly #violations: string[] = []
  readonly #done: Fields[] = []
  readonly #ids = new Set<unknown>()
  #where = 'stream'
  #count = 0
  #first: Fields | undefined
  #end: 'none' | 'complete' | 'error' = 'none'
  #open: OpenItem | undefined
  /** The type of the event before. */
  #last: string | undefined

  constructor(expected: ResponsesStreamExpectation) {
    this.#expected = expected
  }

  check(bytes: Buffer): string[] {
    const { contentType, ending = 'complete' } = this.#expected
    if (contentType !== undefined) this.#need(/^text\/event-stream\b/.test(contentType ?? ''), `content-type is ${contentType}`)
    this.#need(/(\n\n|\r\n\r\n|\r\r)$/.test(bytes.toString('latin1')), 'does not end with a blank line')
    for (const [index, { event, data }] of referenceEvents(bytes).entries()) {
      this.#where = `event ${index} (${event || 'unnamed'})`
      const value = parseObject(data)
      if (!value) {
        this.#violation(`is no JSON object: ${data.slice(0, 80)}`)
        continue
      }
      this.#need(value.type === event, `has the type ${JSON.stringify(value.type)}`)
      this.#need(value.sequence_number === index, `has the sequence_number ${value.sequence_number} where ${index} is next`)
      this.#need(this.#end === 'none' || this.#isTwin(event), 'comes after the end of the response')
      this.#checkEvent(event, value)
      this.#last = event
      this.#count++
    }
    this.#where = 'stream'
    if (ending === 'error') this.#need(this.#end === 'error', 'has no error at its end')
    else this.#need(this.#end === 'complete', 'has neither response.completed nor response.incomplete at its end')
    return this.#violations
  }

  #checkEvent(type: string, value: Fields) {
    if (type === 'error') return this.#checkError(value)
    if (type !== 'response.created' && !this.#isTwin(type)) this.#need(this.#first !== undefined, 'comes before response.created')
    const state = endings[type]
    if (state) return this.#checkEnd(state, value.response)
    switch (type) {
      case 'response.created':
        this.#need(this.#count === 0, 'is not the first event, or comes twice')
        return this.#checkResponse(value.response, 'running')
      case 'response.queued':
      case 'response.in_progress':
        this.#need(this.#ids.size === 0, 'comes after the first item')
        return this.#checkResponse(value.response, 'running')
      case 'response.output_item.added':
        return this.#openItem(value)
      case 'response.output_item.done':
        return this.#closeItem(value)
      default:
        return this.#checkInside(type, value)
    }
  }

  /** The vendor tells of a failure twice, in an `error` and in a `response.failed` behind it (vercel/ai pull request 12329). */
  #isTwin(type: string): boolean {
    return type === 'response.failed' && this.#last === 'error'
  }

  #checkResponse(response: unknown, state: ResponseState) {
    for (const fault of faultsOfResponse(response, state)) this.#violation(fault)
    if (!isObject(response)) return
    this.#first ??= response
    for (const name of ['id', 'model', 'created_at'] as const)
      this.#need(response[name] === this.#first[name], `has another response.${name} than the first event`)
  }

  #openItem({ output_index: index, item }: Fields) {
    this.#need(this.#open === undefined, `opens an item while item ${this.#open?.index} is open`)
    this.#need(index === this.#ids.size, `has the output_index ${index} where ${this.#ids.size} is next`)
    if (!isObject(item)) return this.#violation('has no item')
    for (const fault of faultsOfItem(item, 'an item')) this.#violation(fault)
    this.#need(!this.#ids.has(item.id), `has the item id ${JSON.stringify(item.id)} again`)
    this.#ids.add(item.id)
    this.#open = new OpenItem(this.#ids.size - 1, item, (text) => this.#violation(text))
  }

  #closeItem({ output_index: index, item }: Fields) {
    if (!this.#open || index !== this.#open.index) return this.#violation(`closes item ${index}, which is not open`)
    this.#open.close(item)
    if (isObject(item)) this.#done.push(item)
    this.#open = undefined
  }

  #checkInside(type: string, value: Fields) {
    if (!this.#open || value.output_index !== this.#open.index) return this.#violation(`is for item ${value.output_index}, which is not open`)
    this.#open.take(type, value)
  }

  #checkEnd(state: ResponseState, response: unknown) {
    this.#end = state === 'failed' ? 'error' : 'complete'
    this.#checkResponse(response, state)
    if (state === 'failed') return
    this.#need(this.#open === undefined, `comes while item ${this.#open?.index} is open`)
    this.#need(isSameOutput(isObject(response) ? response.output : undefined, this.#done), 'has another response.output than the items that were streamed')
    if (state === 'completed')
      this.#need(
        this.#done.every((item) => item.status !== 'incomplete'),
        'completes a response with an item that is incomplete',
      )
  }

  /**
   * The reference has `code`, `message` and `param` in the event itself; the vendor was also seen to send them in an `error` inside of it, which is the
   * only form that `openai@6.49.0/core/streaming.mjs` throws for.
   */
  #checkError(value: Fields) {
    this.#end = 'error'
    const error = isObject(value.error) ? value.error : value
    this.#need(typeof error.message === 'string' && error.message !== '', 'has an error without a message')
    this.#need(error.code === null || typeof error.code === 'string', 'has an error without a code')
  }

  #need(condition: boolean, otherwise: string): void {
    if (!condition) this.#violation(otherwise)
  }

  #violation(text: string): void {
    this.#violations.push(`${this.#where} ${text}`)
  }
}
