import { type EncodeReplyOptions, type JsonObject, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { CallIds } from '../../../../plugins/protocol/gemini/part/call-ids.ts'
import { decodeReply } from '../../../../plugins/protocol/gemini/reply/decode-reply.ts'
import { ContentsStreamDecoder } from '../../../../plugins/protocol/gemini/stream/stream-decoder.ts'
import { ContentsStreamEncoder } from '../../../../plugins/protocol/gemini/stream/stream-encoder.ts'
import { foreign } from './request-subject.ts'

const options = (): EncodeReplyOptions => ({ losses: new LossSink(), conversation: foreign(), estimatedInput: 1, replyId: 'r' })

function decodeChunks(count: number, candidate: JsonObject): void {
  const decoder = new ContentsStreamDecoder()
  const data = JSON.stringify({ candidates: [candidate] })
  for (let index = 0; index < count; index++) decoder.push({ event: '', data })
  decoder.end()
}

function encodeDeltas(count: number, kind: 'logprobs' | 'annotation'): void {
  const encoder = new ContentsStreamEncoder(options())
  encoder.push({ type: 'reply-start' })
  encoder.push({ type: 'block-start', index: 0, block: { type: 'text', text: 'a' } })
  const annotation = { protocol: 'other', value: {}, citation: { url: 'https://a.example' } }
  for (let index = 0; index < count; index++) {
    const delta =
      kind === 'logprobs'
        ? ({ type: 'logprobs', protocol: 'other', value: {}, tokens: [{ token: 'a', logprob: -1 }] } as const)
        : ({ type: 'annotation', annotation } as const)
    encoder.push({ type: 'block-delta', index: 0, delta })
  }
  encoder.push({ type: 'reply-end' })
}

function readGrounding(count: number): void {
  const groundingSupports = Array.from({ length: count }, (_, index) => ({
    segment: { startIndex: index * 4, endIndex: index * 4 + 4 },
    groundingChunkIndices: [0],
  }))
  const groundingMetadata = { groundingChunks: [{ web: { uri: 'https://a.example' } }], groundingSupports }
  decodeReply({ candidates: [{ content: { parts: [{ text: 'ää'.repeat(count) }] }, groundingMetadata }] })
}

function pairCalls(count: number): void {
  const calls = new CallIds()
  for (let index = 0; index < count; index++) {
    calls.nextTurn()
    calls.call('f', `call ${index}`)
    calls.result('g', `result ${index}`)
  }
}

const token = { chosenCandidates: [{ token: 'a', logProbability: -1 }] }

describe('what a reply is made of', () => {
  it.each<readonly [string, (count: number) => void]>([
    ['log probabilities that are read', (count) => decodeChunks(count, { logprobsResult: token })],
    ['log probabilities that are written', (count) => encodeDeltas(count, 'logprobs')],
    ['citations that are written', (count) => encodeDeltas(count, 'annotation')],
    ['sources that are read', readGrounding],
    ['calls that nothing answers', pairCalls],
  ])('takes no time that grows with the square of the %s', (_, run) => {
    const time = (count: number) => {
      const begin = performance.now()
      run(count)
      return performance.now() - begin
    }
    time(500)
    expect(time(40_000)).toBeLessThan(Math.max(1_500, 40 * time(4_000)))
  })
})
