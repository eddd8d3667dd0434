import fc from 'fast-check'
import { type JsonObject, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkOpenaiResponsesStream } from '../../../support/check-openai-responses-stream.ts'
import { arbitraryResponse } from './arbitrary-responses.ts'
import { accumulate, decodePieces, encodeEvents, lastResponse, plain, protocol, replyOptions, sse } from './subject.ts'
import { vendorStream } from './vendor-stream.ts'

const size = fc.integer({ min: 1, max: 9 })

describe('any response of the vendor', () => {
  it('is written back as it was', () => {
    fc.assert(
      fc.property(arbitraryResponse, (response) => {
        const options = replyOptions()
        expect(plain(protocol.encodeReply(protocol.decodeReply(response), options))).toEqual(response)
        expect(options.losses.losses).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('is the same reply when it is streamed', () => {
    fc.assert(
      fc.property(arbitraryResponse, size, (response, length) => {
        const events = decodePieces([sse(...vendorStream(response, length))])
        expect(plain(accumulate(events))).toEqual(plain(protocol.decodeReply(response)))
      }),
      { numRuns: 500 },
    )
  })

  it('is the same reply when only the ends of its items are streamed, or of the whole', () => {
    fc.assert(
      fc.property(arbitraryResponse, (response) => {
        const events = vendorStream(response, 3)
        const ends = events.filter(
          ({ type }) => type === 'response.created' || type === 'response.output_item.done' || type === `response.${String(response.status)}`,
        )
        const expected = plain(protocol.decodeReply(response))
        expect(plain(accumulate(decodePieces([sse(...ends)])))).toEqual(expected)
        expect(plain(accumulate(decodePieces([sse(...ends.slice(-1))])))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('is streamed again to the same end', () => {
    fc.assert(
      fc.property(arbitraryResponse, size, (response, length) => {
        const options = replyOptions()
        expect(plain(lastResponse(encodeEvents(decodePieces([sse(...vendorStream(response, length))]), options)))).toEqual(response)
        expect(plain(lastResponse(encodeEvents(replyEvents(protocol.decodeReply(response)), options)))).toEqual(response)
        expect(options.losses.losses).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('can be cut anywhere, and then ends in an error', () => {
    fc.assert(
      fc.property(arbitraryResponse, fc.nat(100), (response, at) => {
        const events = vendorStream(response, 3)
        const decoded = decodePieces([sse(...events.slice(0, at % (events.length - 1)))])
        expect(decoded.at(-1)).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_CUT' } })
        expect(decoded.filter(({ type }) => type === 'reply-end' || type === 'error')).toHaveLength(1)
      }),
      { numRuns: 200 },
    )
  })

  it('follows the order of events when the vendor’s members are all there', () => {
    fc.assert(
      fc.property(arbitraryResponse, size, (response, length) => {
        const { ext: _, ...reply } = protocol.decodeReply(response)
        const foreign = { ...reply, candidates: reply.candidates.map((candidate) => ({ ...candidate, blocks: candidate.blocks.map(withoutMemory) })) }
        const bytes = Buffer.from(encodeEvents(replyEvents(foreign as unknown as typeof reply)))
        expect(checkOpenaiResponsesStream(bytes)).toEqual([])
        expect(length).toBeGreaterThan(0)
      }),
      { numRuns: 200 },
    )
  })
})

/** A block as it would have come from elsewhere. */
function withoutMemory(block: object): JsonObject {
  const { ext: _, ...bare } = plain(block) as JsonObject
  return bare.type === 'foreign' ? { ...bare, protocol: 'elsewhere' } : bare
}
