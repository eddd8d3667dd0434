import { createHash } from 'node:crypto'
import type { JsonObject, Protocol } from 'tokligence'
import type { CapturedRequest, ScriptedReply } from 'tokligence/testing'
import { refuseMessagesRequest } from '../support/anthropic-messages-request-rules.ts'
import type { Fields } from '../support/json-fields.ts'
import { canBeMarked, type PromptBlock, promptBlocks } from '../support/prompt-blocks.ts'
import { callTurn, finalTurn } from './loops/vendor-turns.ts'
import { type Speakers, streamed } from './thoughtful-vendors.ts'

/** What one request cost, in characters of its blocks. */
export interface CachedTurn {
  readonly read: number
  readonly written: number
  /** Behind the last marker. */
  readonly uncached: number
}

/** Blocks that a marker looks at, itself among them; each counts, as at the strictest of the vendor's servers. */
const lookBack = 20

/**
 * Anthropic with its prompt cache: what a request is charged for rests on its markers alone. An entry is written at every marker, and found by a later
 * marker that has the same prompt before it, within the look-back. (platform.claude.com/docs/en/build-with-claude/prompt-caching, "How automatic
 * prefix checking works"; the least length of an entry is left out.) Each reply but the last thinks and makes as many calls as it is told.
 */
export class CachingVendor {
  readonly turns: CachedTurn[] = []
  readonly #speakers: Speakers
  readonly #lastTurn: number
  readonly #calls: number
  readonly #entries = new Set<string>()

  constructor(speakers: Speakers, { lastTurn, calls }: { readonly lastTurn: number; readonly calls: number }) {
    this.#speakers = speakers
    this.#lastTurn = lastTurn
    this.#calls = calls
  }

  readonly answer = (request: CapturedRequest): ScriptedReply => {
    const body = request.json() as Fields
    const reason = refuseMessagesRequest(body)
    if (reason !== undefined) return { status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message: reason } } }
    const number = this.turns.length
    const { read, written, uncached } = this.#charge(body)
    const usage = { input_tokens: uncached, cache_creation_input_tokens: written, cache_read_input_tokens: read, output_tokens: 1 }
    const reply = { ...(number < this.#lastTurn ? this.#calling(number) : finalTurn('anthropic-messages', number, 'cache')), usage }
    if (body.stream !== true) return { body: reply }
    return { headers: { 'content-type': 'text/event-stream' }, body: streamed(this.#speakers['anthropic-messages'] as Protocol, reply) }
  }

  #calling(number: number): JsonObject {
    const reply = callTurn('anthropic-messages', number, 'cache')
    const said = (reply.content as readonly JsonObject[]).filter(({ type }) => type !== 'tool_use')
    const calls = Array.from({ length: this.#calls }, (_, index) => ({
      type: 'tool_use',
      id: `toolu_${number}_${index}`,
      name: 'look',
      input: { turn: number },
    }))
    return { ...reply, content: [...said, ...calls] }
  }

  #charge(body: Fields): CachedTurn {
    const blocks = promptBlocks(body)
    const prefixes = prefixesOf(body, blocks)
    const marked = new Set(blocks.flatMap((block, index) => (block.marked ? [index] : [])))
    if (body.cache_control) marked.add(blocks.findLastIndex(({ block }) => canBeMarked(block)))
    const readTo = Math.max(0, ...[...marked].map((marker) => this.#entryAt(prefixes, marker) + 1))
    const writtenTo = Math.max(0, ...[...marked].map((marker) => marker + 1))
    for (const marker of marked) this.#entries.add(prefixes[marker] as string)
    const size = (from: number, to?: number) => blocks.slice(from, to).reduce((sum, { compared }) => sum + compared.length, 0)
    const turn = { read: size(0, readTo), written: size(readTo, writtenTo), uncached: size(writtenTo) }
    this.turns.push(turn)
    return turn
  }

  /** The nearest block, from the marked one backwards, at which an entry was written; -1 where there is none. */
  #entryAt(prefixes: readonly string[], marker: number): number {
    for (let index = marker; index >= 0 && index > marker - lookBack; index--) if (this.#entries.has(prefixes[index] as string)) return index
    return -1
  }
}

/** For every block the prompt up to its end. Another way to think or to choose tools leaves nothing of the messages, another model nothing at all. */
function prefixesOf({ model, thinking, tool_choice: choice }: Fields, blocks: readonly PromptBlock[]): readonly string[] {
  const hash = createHash('sha256').update(String(model))
  const firstSpoken = blocks.findIndex(({ at }) => at.startsWith('messages.'))
  return blocks.map(({ compared }, index) => {
    if (index === firstSpoken) hash.update(JSON.stringify([thinking, choice]))
    return hash.update(`${compared}\n`).copy().digest('hex')
  })
}
