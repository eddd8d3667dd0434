import { type Fields, isObject, parseObject } from './json-fields.ts'
import { referenceEvents } from './reference-events.ts'

export interface ChatStreamExpectation {
  /** Whether the request asked for usage (`stream_options.include_usage`). */
  readonly includeUsage: boolean
  /** How the stream must end; `complete` when absent. */
  readonly ending?: 'complete' | 'error'
  /** The reply's content-type, when it is to be checked. */
  readonly contentType?: string | null
}

interface ChoiceState {
  toolCalls: number
  finished: boolean
}

const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call']
const done = '[DONE]'

/**
 * What is wrong with a streamed chat completion; an empty list when nothing is. Written from the vendor's API reference ("The chat completion chunk
 * object") and from `openai@6.49.0/resources/chat/completions/completions.d.ts`, for what the vendor itself sends: data-only events.
 */
export function checkOpenaiChatStream(bytes: Buffer, expected: ChatStreamExpectation): string[] {
  return new ChatStreamCheck(expected).check(bytes)
}

class ChatStreamCheck {
  readonly #expected: ChatStreamExpectation
  readonly #violations: string[] = []
  readonly #choices = new Map<number, ChoiceState>()
  #where = 'stream'
  #first: Fields | undefined
  #usageSeen = false
  #doneSeen = false
  #errorSeen = false

  constructor(expected: ChatStreamExpectation) {
    this.#expected = expected
  }

  check(bytes: Buffer): string[] {
    const { contentType } = this.#expected
    if (contentType !== undefined) this.#need(/^text\/event-stream\b/.test(contentType ?? ''), `content-type is ${contentType}`)
    this.#need(/(\n\n|\r\n\r\n|\r\r)$/.test(bytes.toString('latin1')), 'does not end with a blank line')
    for (const [index, event] of referenceEvents(bytes).entries()) {
      this.#where = `event ${index}`
      this.#need(event.event === '', `has the event name "${event.event}"; chat events are data only`)
      this.#need(!this.#doneSeen, 'comes after [DONE]')
      this.#need(!this.#errorSeen, 'comes after an error')
      if (event.data === done) this.#doneSeen = true
      else this.#checkData(event.data)
    }
    this.#where = 'stream'
    this.#checkEnd()
    return this.#violations
  }

  #checkData(data: string) {
    const chunk = parseObject(data)
    if (!chunk) return this.#violation(`is no JSON object: ${data.slice(0, 80)}`)
    if ('error' in chunk) {
      this.#errorSeen = true
      const error = chunk.error
      this.#need(isObject(error) && typeof error.message === 'string' && error.message !== '', 'has an error without a message')
      return
    }
    this.#checkHead(chunk)
    if (!Array.isArray(chunk.choices)) return this.#violation('has no list of choices')
    this.#checkUsage(chunk, chunk.choices.length)
    for (const choice of chunk.choices) {
      if (isObject(choice)) this.#checkChoice(choice)
      else this.#violation('has a choice that is no object')
    }
  }

  #checkHead(chunk: Fields) {
    this.#need(chunk.object === 'chat.completion.chunk', `has the object ${JSON.stringify(chunk.object)}`)
    this.#need(typeof chunk.id === 'string' && chunk.id !== '', 'has no id')
    this.#need(Number.isInteger(chunk.created), 'has no whole number in created')
    this.#need(typeof chunk.model === 'string' && chunk.model !== '', 'has no model')
    this.#first ??= chunk
    for (const name of ['id', 'created', 'model'] as const)
      this.#need(chunk[name] === this.#first[name], `has another ${name} (${chunk[name]}) than the first chunk (${this.#first[name]})`)
  }

  #checkUsage(chunk: Fields, choices: number) {
    const usage = chunk.usage
    if (usage === undefined || usage === null) return this.#need(choices > 0, 'has neither choices nor usage')
    if (!isObject(usage)) return this.#violation('has a usage that is no object')
    for (const name of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const)
      this.#need(Number.isInteger(usage[name]) && (usage[name] as number) >= 0, `has no whole number in usage.${name}`)
    this.#need(choices === 0, 'has usage beside choices')
    this.#need(this.#expected.includeUsage, 'has usage that was not asked for')
    this.#need(!this.#usageSeen, 'has usage for the second time')
    this.#need(this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finished), 'has usage before every choice has finished')
    this.#usageSeen = true
  }

  #checkChoice(choice: Fields) {
    const { index, delta, finish_reason: finish } = choice
    if (!Number.isInteger(index) || (index as number) < 0) return this.#violation('has a choice without an index')
    const known = this.#choices.get(index as number)
    const state = known ?? { toolCalls: 0, finished: false }
    this.#choices.set(index as number, state)
    this.#need(!this.#usageSeen, 'has a choice after the usage')
    this.#need(!state.finished, `has something for choice ${index} after its finish_reason`)
    if (!isObject(delta)) return this.#violation(`has no delta for choice ${index}`)
    if (known) this.#need(delta.role === undefined, `repeats the role of choice ${index}`)
    else this.#need(delta.role === 'assistant', `has no role in the first delta of choice ${index}`)
    for (const name of ['content', 'refusal'] as const)
      this.#need(delta[name] === undefined || delta[name] === null || typeof delta[name] === 'string', `has a ${name} that is no text`)
    this.#checkToolCalls(delta.tool_calls, state)
    this.#checkFinish(finish, state)
  }

  #checkToolCalls(calls: unknown, state: ChoiceState) {
    if (calls === undefined) return
    if (!Array.isArray(calls) || calls.length === 0) return this.#violation('has tool_calls that are no list, or an empty one')
    for (const call of calls) {
      const body: unknown = isObject(call) ? (call.function ?? call.custom) : undefined
      if (!isObject(call) || !Number.isInteger(call.index)) return this.#violation('has a tool call without an index')
      const named = isObject(body) && typeof body.name === 'string' && body.name !== ''
      const text: unknown = isObject(body) ? (body.arguments ?? body.input) : undefined
      this.#need(text === undefined || typeof text === 'string', `has tool call ${call.index} with arguments that are no text`)
      if (call.index === state.toolCalls) {
        state.toolCalls++
        this.#need(typeof call.id === 'string' && call.id !== '', `opens tool call ${call.index} without an id`)
        this.#need(call.type === 'function' || call.type === 'custom', `opens tool call ${call.index} without a type`)
        this.#need(named, `opens tool call ${call.index} without a name`)
        continue
      }
      this.#need(
        call.index === state.toolCalls - 1,
        `has tool call ${call.index} when ${state.toolCalls} are open: indexes count from 0 and one is written after the other`,
      )
      this.#need(call.id === undefined, `gives tool call ${call.index} an id again`)
      this.#need(!named, `gives tool call ${call.index} a name again`)
    }
  }

  #checkFinish(finish: unknown, state: ChoiceState) {
    if (finish === null) return
    this.#need(typeof finish === 'string' && finishReasons.includes(finish), `has the finish_reason ${JSON.stringify(finish)}`)
    if (finish === 'tool_calls') this.#need(state.toolCalls > 0, 'finishes with tool_calls without a tool call')
    state.finished = true
  }

  #checkEnd() {
    const { ending = 'complete', includeUsage } = this.#expected
    if (ending === 'error') {
      this.#need(this.#errorSeen, 'has no error')
      this.#need(!this.#doneSeen, 'has an error and [DONE]')
      return
    }
    this.#need(!this.#errorSeen, 'has an error')
    this.#need(this.#doneSeen, 'has no [DONE]')
    this.#need(this.#choices.size > 0, 'has no choice')
    for (const [index, { finished }] of this.#choices) this.#need(finished, `has no finish_reason for choice ${index}`)
    if (includeUsage) this.#need(this.#usageSeen, 'has no usage although it was asked for')
  }

  #need(condition: boolean, otherwise: string): void {
    if (!condition) this.#violation(otherwise)
  }

  #violation(text: string): void {
    this.#violations.push(`${this.#where} ${text}`)
  }
}
