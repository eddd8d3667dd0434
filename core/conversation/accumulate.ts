import type { StreamEncoder } from '../contracts/protocol.ts'
import type { Block, Extensions, TokenLogprob } from './blocks.ts'
import type { ReplyEvent } from './events.ts'
import { isJsonObject, type Json } from './json.ts'
import type { Candidate, Finish, Reply } from './reply.ts'
import { mergeUsage, type Usage } from './usage.ts'

interface OpenCandidate {
  readonly blocks: Map<number, Block>
  finish: Finish | undefined
  logprobs: Json | undefined
  tokens: readonly TokenLogprob[] | undefined
  ext: Extensions | undefined
}

/** Builds the whole reply out of its events. Events of other kinds than the reply grammar's are passed over. */
export class ReplyAccumulator {
  #start: Extract<ReplyEvent, { type: 'reply-start' }> | undefined
  #end: Extract<ReplyEvent, { type: 'reply-end' }> | undefined
  #usage: Usage | undefined
  readonly #candidates: OpenCandidate[] = []
  readonly #owners = new Map<number, OpenCandidate>()

  push(event: ReplyEvent): void {
    switch (event.type) {
      case 'reply-start':
        this.#start = event
        return
      case 'block-start': {
        const candidate = this.#candidate(event.candidate ?? 0)
        candidate.blocks.set(event.index, event.block)
        this.#owners.set(event.index, candidate)
        return
      }
      case 'block-delta': {
        const candidate = this.#owners.get(event.index)
        const block = candidate?.blocks.get(event.index)
        if (!candidate || !block) return
        if (event.delta.type === 'logprobs') {
          candidate.logprobs = joinLogprobs(candidate.logprobs, event.delta.value)
          if (event.delta.tokens) candidate.tokens = [...(candidate.tokens ?? []), ...event.delta.tokens]
        } else candidate.blocks.set(event.index, appendDelta(block, event.delta))
        return
      }
      case 'block-end': {
        const candidate = this.#owners.get(event.index)
        const block = candidate?.blocks.get(event.index)
        if (candidate && block && event.ext) candidate.blocks.set(event.index, { ...block, ext: event.ext })
        return
      }
      case 'reply-end':
        this.#end = event
        return
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return
      case 'finish': {
        const candidate = this.#candidate(event.candidate ?? 0)
        candidate.finish = event.finish
        candidate.ext = event.ext
        candidate.logprobs = event.logprobs ?? candidate.logprobs
        candidate.tokens = event.tokens ?? candidate.tokens
        return
      }
    }
  }

  reply(): Reply {
    const candidates = this.#candidates.map((candidate): Candidate => {
      const { finish = { reason: 'other' }, logprobs, tokens, ext } = candidate
      const blocks = [...candidate.blocks.values()]
      return { blocks, finish, ...(logprobs !== undefined && { logprobs }), ...(tokens && { tokens }), ...(ext && { ext }) }
    })
    const { id, model, created, serviceTier, ext } = { ...this.#start, ...this.#end }
    return {
      candidates,
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(created !== undefined && { created }),
      ...(serviceTier !== undefined && { serviceTier }),
      ...(ext && { ext }),
      ...(this.#usage && { usage: this.#usage }),
    }
  }

  #candidate(number: number): OpenCandidate {
    for (let next = this.#candidates.length; next <= number; next++)
      this.#candidates.push({ blocks: new Map(), finish: undefined, logprobs: undefined, tokens: undefined, ext: undefined })
    return this.#candidates[number] as OpenCandidate
  }
}

/** The block with what a delta adds to it. */
export function appendDelta(block: Block, delta: Extract<ReplyEvent, { type: 'block-delta' }>['delta']): Block {
  switch (delta.type) {
    case 'text':
      if (block.type === 'tool-call') return { ...block, argumentsText: block.argumentsText + delta.text }
      if (block.type === 'text' || block.type === 'reasoning' || block.type === 'refusal') return { ...block, text: block.text + delta.text }
      return block
    case 'sealed':
      return block.type === 'reasoning' || block.type === 'tool-call' || block.type === 'text' ? { ...block, sealed: delta.sealed } : block
    case 'annotation':
      return block.type === 'text' ? { ...block, annotations: [...(block.annotations ?? []), delta.annotation] } : block
    default:
      return block
  }
}

/** Log probabilities arrive as objects of lists; pieces are joined list by list. */
function joinLogprobs(earlier: Json | undefined, later: Json): Json {
  if (!isJsonObject(earlier) || !isJsonObject(later)) return earlier ?? later
  const joined: Record<string, Json> = { ...earlier }
  for (const [key, value] of Object.entries(later)) {
    const before = joined[key]
    joined[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : (value ?? before ?? null)
  }
  return joined
}

/** A whole reply as the events that would have streamed it: each block in one piece. */
export function replyEvents(reply: Reply): ReplyEvent[] {
  const { candidates, usage, ...start } = reply
  const events: ReplyEvent[] = [{ type: 'reply-start', ...start }]
  let index = 0
  for (const [number, candidate] of candidates.entries()) {
    for (const block of candidate.blocks) {
      events.push({ type: 'block-start', index, block, ...(number > 0 && { candidate: number }) })
      events.push({ type: 'block-end', index })
      index++
    }
  }
  if (usage) events.push({ type: 'usage', usage })
  for (const [number, candidate] of candidates.entries())
    events.push({
      type: 'finish',
      finish: candidate.finish,
      ...(number > 0 && { candidate: number }),
      ...(candidate.logprobs !== undefined && { logprobs: candidate.logprobs }),
      ...(candidate.tokens && { tokens: candidate.tokens }),
      ...(candidate.ext && { ext: candidate.ext }),
    })
  events.push({ type: 'reply-end' })
  return events
}

/** A whole reply for a caller that waits for a stream: what the encoder makes of its events. */
export function wholeStream(encoder: StreamEncoder, reply: Reply): string {
  return replyEvents(reply)
    .map((event) => encoder.push(event))
    .join('')
}
