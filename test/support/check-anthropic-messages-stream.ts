import { type Fields, isObject, parseObject } from './json-fields.ts'
import { referenceEvents } from './reference-events.ts'

export interface MessagesStreamExpectation {
  /** How the stream must end; `complete` when absent. */
  readonly ending?: 'complete' | 'error'
  /** The reply's content-type, when it is to be checked. */
  readonly contentType?: string | null
}

interface OpenBlock {
  readonly index: number
  readonly type: string
  json: string
}

/** Which deltas a block takes. Blocks that are not here come whole and take none, or are the vendor's own tools. */
const deltasOf: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  redacted_thinking: [],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
}
const deltaText: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'signature',
  input_json_delta: 'partial_json',
}
const stopReasons = ['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal', 'model_context_window_exceeded']

/**
 * What is wrong with a streamed message; an empty list when nothing is. Written from the vendor's "Streaming messages" page and from the event types
 * in `@anthropic-ai/sdk@1.12.0/resources/messages/messages.d.ts`.
 */
export function checkAnthropicMessagesStream(bytes: Buffer, expected: MessagesStreamExpectation = {}): string[] {
  return new MessagesStreamCheck(expected).check(bytes)
}

class MessagesStreamCheck {
  readonly #expected: MessagesStreamExpectation
  readonly #violations: string[] = []
  readonly #toolInputs: { where: string; json: string }[] = []
  #where = 'stream'
  #state: 'before' | 'content' | 'delta' | 'stopped' | 'error' = 'before'
  #blocks = 0
  #toolUses = 0
  #open: OpenBlock | undefined
  #stopReason: unknown

  constructor(expected: MessagesStreamExpectation) {
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
      this.#need(this.#state !== 'stopped', 'comes after message_stop')
      this.#need(this.#state !== 'error', 'comes after an error')
      this.#checkEvent(event, value)
    }
    this.#where = 'stream'
    if (ending === 'error') this.#need(this.#state === 'error', 'has no error at its end')
    else this.#need(this.#state === 'stopped', 'has no message_stop at its end')
    if (ending === 'complete' && this.#stopReason !== 'max_tokens') this.#checkToolInputs()
    return this.#violations
  }

  #checkEvent(type: string, value: Fields) {
    switch (type) {
      case 'ping':
        return
      case 'message_start':
        return this.#checkMessageStart(value.message)
      case 'content_block_start':
        return this.#checkBlockStart(value)
      case 'content_block_delta':
        return this.#checkBlockDelta(value)
      case 'content_block_stop':
        return this.#checkBlockStop(value)
      case 'message_delta':
        return this.#checkMessageDelta(value)
      case 'message_stop':
        this.#need(this.#state === 'delta', 'comes without a message_delta before it')
        this.#state = 'stopped'
        return
      case 'error': {
        const error = value.error
        this.#need(isObject(error) && typeof error.type === 'string' && typeof error.message === 'string', 'has no error with type and message')
        this.#state = 'error'
        return
      }
      default:
        this.#violation('is an event that the protocol does not have')
    }
  }

  #checkMessageStart(message: unknown) {
    this.#need(this.#state === 'before', 'is not the first event, or comes twice')
    this.#state = 'content'
    if (!isObject(message)) return this.#violation('has no message')
    this.#need(typeof message.id === 'string' && message.id !== '', 'has no message.id')
    this.#need(message.type === 'message', `has the message.type ${JSON.stringify(message.type)}`)
    this.#need(message.role === 'assistant', `has the message.role ${JSON.stringify(message.role)}`)
    this.#need(typeof message.model === 'string' && message.model !== '', 'has no message.model')
    this.#need(Array.isArray(message.content) && message.content.length === 0, 'has content in the message already')
    this.#need(message.stop_reason === null, 'has a message.stop_reason that is not null')
    this.#need(message.stop_sequence === null, 'has a message.stop_sequence that is not null')
    const usage = isObject(message.usage) ? message.usage : {}
    for (const name of ['input_tokens', 'output_tokens'] as const) this.#need(isCount(usage[name]), `has no whole number in message.usage.${name}`)
  }

  #checkBlockStart({ index, content_block: block }: Fields) {
    this.#need(this.#state === 'content', 'opens a block outside of the content')
    this.#need(this.#open === undefined, `opens a block while block ${this.#open?.index} is open`)
    this.#need(index === this.#blocks, `has the index ${index} where ${this.#blocks} is next`)
    this.#blocks++
    if (!isObject(block) || typeof block.type !== 'string') return this.#violation('has no content_block with a type')
    this.#open = { index: this.#blocks - 1, type: block.type, json: '' }
    if (block.type === 'text') this.#need(typeof block.text === 'string', 'opens a text block without text')
    if (block.type === 'thinking') this.#need(typeof block.thinking === 'string', 'opens a thinking block without thinking')
    if (block.type === 'redacted_thinking') this.#need(typeof block.data === 'string' && block.data !== '', 'opens a redacted_thinking block without data')
    if (block.type !== 'tool_use') return
    this.#toolUses++
    this.#need(typeof block.id === 'string' && /^[a-zA-Z0-9_-]+$/.test(block.id), `opens a tool_use block with the id ${JSON.stringify(block.id)}`)
    this.#need(typeof block.name === 'string' && block.name !== '', 'opens a tool_use block without a name')
    this.#need(isObject(block.input) && Object.keys(block.input).length === 0, 'opens a tool_use block with an input that is not {}')
  }

  #checkBlockDelta({ index, delta }: Fields) {
    if (!this.#open || index !== this.#open.index) return this.#violation(`has a delta for block ${index}, which is not open`)
    if (!isObject(delta) || typeof delta.type !== 'string') return this.#violation('has no delta with a type')
    const taken = deltasOf[this.#open.type]
    this.#need(taken?.includes(delta.type) ?? false, `has a ${delta.type} for a ${this.#open.type} block`)
    const field = deltaText[delta.type]
    if (field !== undefined) this.#need(typeof delta[field] === 'string', `has no text in delta.${field}`)
    if (delta.type === 'input_json_delta') this.#open.json += String(delta.partial_json)
  }

  #checkBlockStop({ index }: Fields) {
    if (!this.#open || index !== this.#open.index) return this.#violation(`closes block ${index}, which is not open`)
    if (this.#open.type === 'tool_use') this.#toolInputs.push({ where: `block ${index}`, json: this.#open.json })
    this.#open = undefined
  }

  #checkMessageDelta({ delta, usage }: Fields) {
    this.#need(this.#state === 'content' || this.#state === 'delta', 'comes before message_start')
    this.#need(this.#open === undefined, `comes while block ${this.#open?.index} is open`)
    this.#state = 'delta'
    this.#stopReason = isObject(delta) ? delta.stop_reason : undefined
    this.#need(typeof this.#stopReason === 'string' && stopReasons.includes(this.#stopReason), `has the stop_reason ${JSON.stringify(this.#stopReason)}`)
    if (this.#stopReason === 'tool_use') this.#need(this.#toolUses > 0, 'stops for tool_use without a tool_use block')
    this.#need(
      isObject(delta) && (delta.stop_sequence === undefined || delta.stop_sequence === null || typeof delta.stop_sequence === 'string'),
      'has a stop_sequence that is no text',
    )
    this.#need(isObject(usage) && isCount(usage.output_tokens), 'has no whole number in usage.output_tokens')
  }

  #checkToolInputs() {
    // Without a delta the input is the {} of the opening.
    for (const { where, json } of this.#toolInputs)
      this.#need(json === '' || parseObject(json) !== undefined, `has ${where} whose input is no JSON object: ${json.slice(0, 80)}`)
  }

  #need(condition: boolean, otherwise: string): void {
    if (!condition) this.#violation(otherwise)
  }

  #violation(text: string): void {
    this.#violations.push(`${this.#where} ${text}`)
  }
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0
}
