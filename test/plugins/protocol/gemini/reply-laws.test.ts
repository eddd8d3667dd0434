import fc from 'fast-check'
import { isJsonObject, type Json, type JsonObject, type Reply, type ReplyEvent, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeReply } from '../../../../plugins/protocol/gemini/reply/decode-reply.ts'
import { encodeReply } from '../../../../plugins/protocol/gemini/reply/encode-reply.ts'
import { checkGeminiResponse, checkGeminiStream } from '../../../support/check-gemini-stream.ts'
import { foreignReply, part, replyBody, word } from './arbitrary-replies.ts'
import { accumulate, decodePieces, decodeStream, encodeEvents, plain, replyOptions } from './reply-subject.ts'

const runs = { numRuns: 400 }

describe('any whole reply', () => {
  it('is written back as it was', () => {
    fc.assert(
      fc.property(replyBody, (body) => {
        const options = replyOptions()
        expect(plain(encodeReply(decodeReply(body), options))).toEqual(body)
        expect(options.losses.losses).toEqual([])
      }),
      runs,
    )
  })

  it('is the same when it is streamed', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), fc.constantFrom('STOP', 'MAX_TOKENS'), fc.array(word, { maxLength: 2 }), (parts, finishReason, extra) => {
        const kept = distinct(parts)
        const head = { modelVersion: 'gemini-test', responseId: 'reply-1', createTime: '2026-01-02T03:04:05.678Z' }
        const usageMetadata = { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 }
        const last = { finishReason, index: 0, ...(extra.length > 0 && { safetyRatings: extra }) }
        const body = { candidates: [{ content: { parts: kept, role: 'model' }, ...last }], usageMetadata, ...head }
        const chunks: Json[] = kept
          .flatMap((each) => pieces(each))
          .map((piece) => ({ candidates: [{ content: { parts: [piece], role: 'model' }, index: 0 }], ...head }))
        const streamed = accumulate(decodeStream(...chunks, { candidates: [{ content: { parts: [], role: 'model' }, ...last }], usageMetadata, ...head }))
        expect(plain(bare(streamed))).toEqual(plain(bare(decodeReply(body))))
      }),
      runs,
    )
  })
})

describe('any reply of another protocol', () => {
  it('is legal, streamed or not, and says the same', () => {
    fc.assert(
      fc.property(foreignReply, fc.array(fc.nat(20), { maxLength: 8 }), (reply, cuts) => {
        const unary = encodeReply(reply, replyOptions())
        const bytes = Buffer.from(encodeEvents(inPieces(reply, cuts)))
        expect(checkGeminiResponse(unary)).toEqual([])
        expect(checkGeminiStream(bytes)).toEqual([])
        expect(meaning(accumulate(decodePieces([bytes])))).toEqual(meaning(decodeReply(unary)))
      }),
      runs,
    )
  })

  it('leaves a legal stream wherever it is broken off', () => {
    fc.assert(
      fc.property(foreignReply, fc.nat(30), (reply, count) => {
        const events = inPieces(reply, [])
          .filter(({ type }) => type !== 'reply-end')
          .slice(0, count)
        const error: ReplyEvent = { type: 'error', error: { status: 502, kind: 'upstream', message: 'Cut.' } }
        const bytes = Buffer.from(encodeEvents([...events, error]))
        expect(checkGeminiStream(bytes, { ending: 'error', mayLack: ['usageMetadata'] })).toEqual([])
        expect(decodePieces([bytes]).at(-1)).toMatchObject({ type: 'error', error: { status: 502, message: 'Cut.' } })
      }),
      runs,
    )
  })
})

/** Parts that do not grow together, and texts that say something: a stream does not tell others apart. */
function distinct(parts: readonly JsonObject[]): JsonObject[] {
  const kept: JsonObject[] = []
  for (const each of parts) {
    if ((each.text === '' || each.text === undefined) && flowKind(each) !== undefined) continue
    const before = kept.at(-1)
    if (before && flowKind(before) !== undefined && flowKind(before) === flowKind(each)) continue
    kept.push(each)
  }
  return kept
}

function flowKind(value: JsonObject): string | undefined {
  const others = Object.keys(value).filter((field) => value[field] !== null && !['text', 'thought', 'thoughtSignature', 'unknown'].includes(field))
  if (others.length > 0) return undefined
  return value.thought === true ? 'thought' : 'text'
}

/** A text in two parts, its signature with the last; anything else whole. */
function pieces(value: JsonObject): JsonObject[] {
  const { text, thoughtSignature, ...rest } = value
  if (typeof text !== 'string' || text.length < 2 || Object.keys(rest).some((field) => field !== 'thought')) return [value]
  const middle = Math.ceil(text.length / 2)
  return [
    { ...rest, text: text.slice(0, middle) },
    { ...rest, text: text.slice(middle), ...(thoughtSignature !== undefined && { thoughtSignature }) },
  ]
}

/** Without how texts were spelled, which a stream does not keep. */
function bare(reply: Reply): Reply {
  const candidates = reply.candidates.map((candidate) => ({
    ...candidate,
    blocks: candidate.blocks.map((block) => {
      if (block.type !== 'text' && block.type !== 'reasoning') return block
      const { $wire: _, ...fields } = block.ext?.gemini ?? {}
      return { ...block, ext: Object.values(fields).every((value) => value === null) ? undefined : { gemini: fields } }
    }),
  }))
  return { ...reply, candidates } as Reply
}

/** The events of a reply with texts and arguments in pieces. */
function inPieces(reply: Reply, cuts: readonly number[]): ReplyEvent[] {
  return replyEvents(reply).flatMap((event): ReplyEvent[] => {
    if (event.type !== 'block-start') return [event]
    const { block, index } = event
    if (block.type === 'foreign' || block.type === 'media' || block.type === 'tool-result') return [event]
    const text = block.type === 'tool-call' ? block.argumentsText : block.text
    const places = [0, ...cuts.filter((cut) => cut < text.length).sort((one, other) => one - other), text.length]
    const opened = block.type === 'tool-call' ? { ...block, argumentsText: '' } : { ...block, text: '' }
    const deltas = places.slice(1).map((end, at): ReplyEvent => ({ type: 'block-delta', index, delta: { type: 'text', text: text.slice(places[at], end) } }))
    return [{ ...event, block: opened }, ...deltas]
  })
}

/** What a program reads: parts of one kind behind one another are one text to it. */
function meaning({ candidates, usage, id, model, created }: Reply): unknown {
  const said = candidates.map(({ blocks, finish }) => {
    const read: JsonObject[] = []
    for (const block of blocks) {
      const last = read.at(-1)
      if (block.type === 'text' || block.type === 'reasoning') {
        const sealed = block.sealed?.value ?? null
        if (block.text === '' && sealed === null) continue
        if (last?.type === block.type && last.sealed === null) read[read.length - 1] = { ...last, text: `${String(last.text)}${block.text}`, sealed }
        else read.push({ type: block.type, text: block.text, sealed })
      } else if (block.type === 'tool-call') read.push({ type: block.type, name: block.name, arguments: block.argumentsText, id: block.id })
      else read.push({ type: block.type })
    }
    const cited = blocks.flatMap((block) =>
      block.type === 'text'
        ? (block.annotations ?? []).map(({ citation }) => [citation?.url, isJsonObject(citation as Json) ? citation?.title : undefined])
        : [],
    )
    return { read, finish, cited }
  })
  return plain({ said, usage, id, model, created })
}
