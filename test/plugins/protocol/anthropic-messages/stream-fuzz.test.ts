import fc from 'fast-check'
import type { JsonObject, ReplyEvent } from 'tokligence'
import { afterAll, describe, expect, it } from 'vitest'
import { checkAnthropicMessagesStream } from '../../../support/check-anthropic-messages-stream.ts'
import { arbitraryEvents } from './arbitrary-events.ts'
import { openSdkReader } from './sdk-reader.ts'
import { accumulate, encodeStream, protocol, replyOptions, written } from './subject.ts'

const failure: ReplyEvent = { type: 'error', error: { status: 502, kind: 'upstream', message: 'cut' } }

describe('a stream of blocks that were open side by side', async () => {
  const sdk = await openSdkReader()
  afterAll(() => sdk.close())

  it('follows the protocol’s order of events', () => {
    fc.assert(
      fc.property(arbitraryEvents, (events) => {
        expect(checkAnthropicMessagesStream(Buffer.from(encodeStream(events)))).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  it('is read by the official client as the same message that the unary reply is', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEvents, async (events) => {
        const message = JSON.parse(JSON.stringify(await sdk.read(encodeStream(events)))) as JsonObject
        const unary = protocol.encodeReply(accumulate(events), replyOptions()) as JsonObject
        expect(message.content).toEqual(unary.content)
        expect(message.stop_reason).toBe(unary.stop_reason)
        expect(message.usage).toMatchObject(unary.usage as object)
      }),
      { numRuns: 150 },
    )
  })

  it('ends in an error and nothing else when it is cut at any event', () => {
    fc.assert(
      fc.property(arbitraryEvents, (events) => {
        for (let kept = 0; kept < events.length; kept++) {
          const bytes = encodeStream([...events.slice(0, kept), failure, ...events.slice(kept)])
          const types = written(bytes).map(({ type }) => type)
          expect(types.at(-1)).toBe('error')
          expect(types).not.toContain('message_stop')
          expect(types.filter((type) => type === 'message_start').length).toBeLessThan(2)
        }
      }),
      { numRuns: 60 },
    )
  })
})
