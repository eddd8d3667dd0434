import fc from 'fast-check'
import { type JsonObject, LossSink, type ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkOpenaiResponsesStream } from '../../../support/check-openai-responses-stream.ts'
import { checkOpenaiResponse } from '../../../support/openai-response-rules.ts'
import { openaiClient } from '../../../support/sdk-readings.ts'
import { arbitraryEvents } from './arbitrary-events.ts'
import { accumulate, dataOf, decodePieces, encodeEvents, lastResponse, plain, protocol, replyOptions } from './subject.ts'

const tools = [{ type: 'tool_search', execution: 'client', description: 'Finds tools.', parameters: { type: 'object', properties: {} } }]
const options = (losses = new LossSink()) => replyOptions({ stream: true, tools }, losses)

const failure: ReplyEvent = { type: 'error', error: { status: 502, kind: 'upstream', message: 'cut' } }

/** Log probabilities stand at the very text in a stream; unary, only their order is known. */
function withoutLogprobs(output: unknown): unknown {
  return JSON.parse(JSON.stringify(output), (key, value: unknown) => (key === 'logprobs' ? [] : value)) as unknown
}

describe('a stream of blocks that were open side by side', () => {
  it('follows the vendor’s order of events', () => {
    fc.assert(
      fc.property(arbitraryEvents, (events) => {
        expect(checkOpenaiResponsesStream(Buffer.from(encodeEvents(events, options())))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('ends with the very response that the unary reply is, with the same losses', () => {
    fc.assert(
      fc.property(arbitraryEvents, (events) => {
        const [streamed, whole] = [options(), options()]
        const response = lastResponse(encodeEvents(events, streamed))
        const unary = plain(protocol.encodeReply(accumulate(events), whole)) as JsonObject
        expect(checkOpenaiResponse(unary)).toEqual([])
        const { output, completed_at: _, ...described } = response
        const { output: expected, completed_at: __, ...expectedDescription } = unary
        expect(withoutLogprobs(output)).toEqual(withoutLogprobs(expected))
        expect(described).toEqual(expectedDescription)
        const features = (losses: LossSink) => [...new Set(losses.losses.map(({ path, feature }) => `${path} ${feature}`))].sort()
        expect(features(streamed.losses).filter((line) => !line.endsWith('logprobs'))).toEqual(
          features(whole.losses).filter((line) => !line.endsWith('logprobs')),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('is read by the vendor’s client as the response that its last event holds', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEvents, async (events) => {
        const bytes = encodeEvents(events, options())
        const client = openaiClient('http://127.0.0.1', () => Promise.resolve(new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })))
        const { output } = await client.responses.stream({ model: 'm', input: 'x' }).finalResponse()
        expect(withoutParsed(output)).toEqual(lastResponse(bytes).output)
      }),
      { numRuns: 100 },
    )
  })

  it('is decoded as what was encoded', () => {
    fc.assert(
      fc.property(arbitraryEvents, (events) => {
        const bytes = Buffer.from(encodeEvents(events, options()))
        const decoded = accumulate(decodePieces([bytes]))
        expect(plain(decoded)).toEqual(plain(protocol.decodeReply(lastResponse(bytes))))
        expect(plain(protocol.encodeReply(decoded, options()))).toEqual(lastResponse(bytes))
        expect(plain(lastResponse(encodeEvents(decodePieces([bytes]), options())))).toEqual(lastResponse(bytes))
      }),
      { numRuns: 300 },
    )
  })

  it('ends in an error and nothing else when it is cut at any event', () => {
    fc.assert(
      fc.property(arbitraryEvents, (events) => {
        for (let kept = 0; kept < events.length; kept++) {
          const bytes = encodeEvents([...events.slice(0, kept), failure, ...events.slice(kept)], options())
          expect(checkOpenaiResponsesStream(Buffer.from(bytes), { ending: 'error' })).toEqual([])
          expect(dataOf(bytes).slice(-2)).toMatchObject([{ type: 'error', message: 'cut' }, { type: 'response.failed' }])
        }
      }),
      { numRuns: 60 },
    )
  })
})

/** What the client adds of its own. */
function withoutParsed(output: unknown): unknown {
  return JSON.parse(JSON.stringify(output), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    const { parsed: _, parsed_arguments: __, ...rest } = value as JsonObject
    return Array.isArray(value) ? value : rest
  }) as unknown
}
