import type { JsonObject, Protocol } from 'tokligence'
import type { CapturedRequest, ScriptedReply } from 'tokligence/testing'
import { refuseGeminiRequest } from '../../support/gemini-request-rules.ts'
import { type Fields, objects } from '../../support/json-fields.ts'
import type { RecordedProtocol } from '../../support/recordings.ts'
import { dialects } from '../dialects/index.ts'
import { type Speakers, streamed } from '../thoughtful-vendors.ts'
import { responseEvents } from './response-events.ts'
import { otherRefusal, sealedRefusals } from './vendor-refusals.ts'
import { callTurn, finalTurn, type TurnOptions } from './vendor-turns.ts'

/** What Google takes in place of a signature for calls of other models: ai.google.dev, "Thought signatures". */
const standIn = 'skip_thought_signature_validator'

/** A turn that was given to one account, in the order of its opaque values (`o:`) and calls (`c:`). */
interface GivenTurn {
  readonly owner: string
  readonly marks: readonly string[]
}

/**
 * Four vendors that remember what they gave to which account, and answer 400 to a request in which an opaque value is altered, belongs to somebody
 * else, or is missing where the calls of its turn are there. Each reply but the last thinks and makes two calls at once.
 */
export class StrictVendors {
  /** Why requests were refused, in order. */
  readonly refusals: string[] = []
  readonly #speakers: Speakers
  readonly #lastTurn: number
  readonly #options: TurnOptions
  readonly #carriers = new Map<string, string>()
  readonly #given: GivenTurn[] = []
  #turn = 0

  /** The reply after `lastTurn` of them makes no call. */
  constructor(speakers: Speakers, lastTurn = 10, options: TurnOptions = {}) {
    this.#options = options
    this.#speakers = speakers
    this.#lastTurn = lastTurn
  }

  readonly answer = (request: CapturedRequest): ScriptedReply => {
    const protocol = protocolOf(request.path)
    const { stream, ...body } = dialects[protocol].sent(request)
    const { authorization, 'x-api-key': messagesKey, 'x-goog-api-key': googleKey } = request.headers
    const owner = `${protocol} ${String(messagesKey ?? googleKey ?? authorization)}`
    const marks = read(protocol, historyOf(protocol, body))
    const ended = protocol === 'anthropic-messages' ? read(protocol, historyOf(protocol, { messages: endedMessages(body) })) : []
    const sealed = this.#refuseSealed(owner, marks)
    const reason = sealed ?? refuse(protocol, { ...body, stream }) ?? this.#refuse(owner, marks, ended, request.body.toString())
    if (reason !== undefined) {
      this.refusals.push(`${protocol}: ${reason}`)
      return { status: 400, body: sealed === undefined ? otherRefusal(protocol, reason) : sealedRefusals[protocol] }
    }
    const number = this.#turn++
    const reply = this.reply(protocol, number, owner, body)
    this.#remember(owner, read(protocol, saidIn(protocol, reply)))
    if (stream !== true) return { body: reply }
    return {
      headers: { 'content-type': 'text/event-stream' },
      body: protocol === 'openai-responses' ? responseEvents(reply) : streamed(this.#speakers[protocol] as Protocol, reply),
    }
  }

  /** They no longer take back what they gave, as if a key had changed there. */
  forget(): void {
    this.#carriers.clear()
    this.#given.splice(0)
  }

  /** What the model says to a request that is in order. */
  protected reply(protocol: RecordedProtocol, number: number, owner: string, _asked: Fields): JsonObject {
    return number < this.#lastTurn ? callTurn(protocol, number, owner, this.#options) : finalTurn(protocol, number, owner, this.#options)
  }

  #remember(owner: string, marks: readonly Mark[]): void {
    for (const { opaque, carrier } of marks) if (opaque !== undefined) this.#carriers.set(`${owner} ${opaque}`, carrier)
    this.#given.push({ owner, marks: marks.map(nameOf) })
  }

  #refuseSealed(owner: string, marks: readonly Mark[]): string | undefined {
    for (const { opaque, carrier } of marks) {
      if (opaque === undefined || opaque === standIn) continue
      const issued = this.#carriers.get(`${owner} ${opaque}`)
      if (issued === undefined) return `${opaque} was not given to this account`
      if (issued !== carrier) return `${opaque} belongs to ${issued}, not to ${carrier}`
    }
    return undefined
  }

  /** `ended` are those whose thoughts may be left out, though not in part. */
  #refuse(owner: string, marks: readonly Mark[], ended: readonly Mark[], body: string): string | undefined {
    if (/tkl1|dGtsMS/.test(body)) return 'a seal of the gateway was sent'
    const sent = `${marks.map(nameOf).join('\n')}\n`
    for (const { owner: other, marks: turn } of this.#given) {
      const isThere = other === owner && turn.some((mark) => mark.startsWith('c:') && sent.includes(`${mark}\n`))
      const names = ended.map(nameOf)
      if (turn.some((mark) => names.includes(mark)) && !turn.some((mark) => mark.startsWith('o:') && names.includes(mark))) continue
      if (isThere && !sent.includes(`${turn.join('\n')}\n`)) return `of the turn ${turn.join(', ')} something is missing or displaced in ${sent}`
    }
    return undefined
  }
}

/** By the written rules of the vendor; hosts of chat completions take thoughts, too. */
function refuse(protocol: RecordedProtocol, request: Fields): string | undefined {
  const { refuse: rule, body } = dialects[protocol]
  if (protocol === 'gemini') return refuseGeminiRequest(body(request), String(request.model))
  if (protocol !== 'openai-chat') return rule(body(request))
  const messages = objects(request.messages).map(({ reasoning: _, reasoning_content: __, reasoning_details: ___, ...message }) => message)
  return rule({ ...request, messages })
}

/** An opaque value with what it stands on, or a call. */
type Mark = { readonly opaque: string; readonly carrier: string } | { readonly opaque?: undefined; readonly carrier: string }

function nameOf({ opaque, carrier }: Mark): string {
  return opaque === undefined ? `c:${carrier}` : `o:${opaque}`
}

function protocolOf(path: string): RecordedProtocol {
  if (path.includes('/chat/completions')) return 'openai-chat'
  if (path.includes('/responses')) return 'openai-responses'
  return path.includes('/messages') ? 'anthropic-messages' : 'gemini'
}

/** What the model said so far, in the pieces that its vendor knows: parts, blocks, items or messages. */
function historyOf(protocol: RecordedProtocol, { messages, input, contents }: Fields): readonly Fields[] {
  if (protocol === 'openai-responses') return objects(input)
  if (protocol === 'gemini')
    return objects(contents)
      .filter(({ role }) => role === 'model')
      .flatMap(({ parts }) => objects(parts))
  const said = objects(messages).filter(({ role }) => role === 'assistant')
  return protocol === 'openai-chat' ? said : said.flatMap(({ content }) => objects(content))
}

/**
 * The messages before the last question: once a turn has ended, its thoughts may be left out (platform.claude.com/docs, "Thinking in tool and
 * multi-turn workflows"), which Claude Code does.
 */
function endedMessages({ messages }: Fields): readonly Fields[] {
  const said = objects(messages)
  const isQuestion = ({ role, content }: Fields) => role === 'user' && !objects(content).some(({ type }) => type === 'tool_result')
  return said.slice(0, Math.max(0, said.findLastIndex(isQuestion)))
}

function saidIn(protocol: RecordedProtocol, reply: JsonObject): readonly Fields[] {
  const { choices, output, content, candidates } = reply as Fields
  if (protocol === 'openai-responses') return objects(output)
  if (protocol === 'anthropic-messages') return objects(content)
  if (protocol === 'openai-chat') return objects(choices).map(({ message }) => message as Fields)
  return objects(candidates).flatMap((candidate) => objects((candidate.content as Fields).parts))
}

function read(protocol: RecordedProtocol, pieces: readonly Fields[]): readonly Mark[] {
  return pieces.flatMap((piece) => readers[protocol](piece))
}

const readers: Readonly<Record<RecordedProtocol, (piece: Fields) => readonly Mark[]>> = {
  'openai-chat': ({ reasoning_details: details, tool_calls: calls }) => [
    ...objects(details).map((detail) => ({ opaque: String(detail.signature ?? detail.data), carrier: JSON.stringify(detail) })),
    ...objects(calls).map(({ id }) => ({ carrier: String(id) })),
  ],
  'openai-responses': ({ type, id, summary, encrypted_content: opaque, call_id: call }) => {
    if (type === 'reasoning') return [{ opaque: String(opaque), carrier: JSON.stringify([id, summary]) }]
    return type === 'function_call' ? [{ carrier: String(call) }] : []
  },
  'anthropic-messages': ({ type, id, thinking, signature, data }) => {
    if (type === 'thinking') return [{ opaque: String(signature), carrier: `thought ${String(thinking)}` }]
    if (type === 'redacted_thinking') return [{ opaque: String(data), carrier: 'hidden' }]
    return type === 'tool_use' ? [{ carrier: String(id) }] : []
  },
  gemini: ({ text, functionCall: call, thoughtSignature: opaque }) => {
    const { name, args } = (call ?? {}) as Fields
    const carrier = call ? JSON.stringify([name, args]) : `text ${String(text)}`
    return [...(opaque === undefined ? [] : [{ opaque: String(opaque), carrier }]), ...(call ? [{ carrier }] : [])]
  },
}
