import { type JsonObject, LossSink, type Protocol, type Usage } from 'tokligence'
import type { CapturedRequest, ScriptedReply } from 'tokligence/testing'
import type { RecordedProtocol } from '../../support/recordings.ts'
import { dialects } from '../dialects/index.ts'
import { readSentTurns } from '../sent-turns.ts'
import { asked, type Speakers, streamed } from '../thoughtful-vendors.ts'

export interface CachedAnswer {
  /** Everything that was read, as text. */
  readonly prompt: string
  readonly tokens: number
  readonly cacheRead: number
}

const charactersPerToken = 4

/**
 * Vendors that cache every prompt by its beginning, and tell what they read from the cache: tools, system text, turns, four characters a token. What they
 * say is always another thing.
 */
export class CachingVendors {
  /** Per request, in order. */
  readonly answers: CachedAnswer[] = []
  readonly #speakers: Speakers
  readonly #cached = new Map<string, string[]>()
  /** False for vendors that tell of no cache. */
  readonly #tells: boolean

  constructor(speakers: Speakers, tells = true) {
    this.#speakers = speakers
    this.#tells = tells
  }

  readonly answer = (request: CapturedRequest): ScriptedReply => {
    const protocol = protocolOf(request.path)
    const { stream, model } = dialects[protocol].sent(request)
    const read = this.#read(protocol, `${protocol} ${String(model)} ${String(request.headers.authorization ?? request.headers['x-api-key'])}`, request.body)
    const body = this.#reply(protocol, read)
    if (stream !== true) return { body }
    const speaker = this.#speakers[protocol] as Protocol
    return { headers: { 'content-type': 'text/event-stream' }, body: streamed(speaker, body) }
  }

  #read(protocol: RecordedProtocol, place: string, body: Buffer): CachedAnswer {
    const { tools, system, turns } = readSentTurns(protocol, body)
    // The one volatile line that its vendor knows.
    const known = system.replace(/x-anthropic-billing-header:[^"]*/, '')
    const prompt = [tools, known, ...turns].join('\n')
    const cached = this.#cached.get(place) ?? []
    const cacheRead = Math.floor(Math.max(0, ...cached.map((earlier) => commonLength(earlier, prompt))) / charactersPerToken)
    this.#cached.set(place, [...cached, prompt])
    const answer = { prompt, tokens: Math.ceil(prompt.length / charactersPerToken), cacheRead }
    this.answers.push(answer)
    return answer
  }

  #reply(protocol: RecordedProtocol, { tokens, cacheRead }: CachedAnswer): JsonObject {
    const told =
      protocol === 'anthropic-messages' ? { inputUncached: 0, cacheRead, cacheWrite: tokens - cacheRead } : { inputUncached: tokens - cacheRead, cacheRead }
    const usage: Usage = { ...(this.#tells ? told : { inputUncached: tokens }), output: 3, source: 'measured' }
    const text = `Answer ${this.answers.length}.`
    const reply = {
      id: `reply-${this.answers.length}`,
      candidates: [{ blocks: [{ type: 'text', text } as const], finish: { reason: 'stop' } as const }],
      usage,
    }
    const options = { losses: new LossSink(), conversation: asked, estimatedInput: 1, replyId: 'r' }
    return this.#speakers[protocol]?.encodeReply(reply, options) as JsonObject
  }
}

function commonLength(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

function protocolOf(path: string): RecordedProtocol {
  if (path.includes('/chat/completions')) return 'openai-chat'
  if (path.includes('/responses')) return 'openai-responses'
  return path.includes('/messages') ? 'anthropic-messages' : 'gemini'
}
