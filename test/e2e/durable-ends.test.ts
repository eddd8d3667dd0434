import { definePlugin, GatewayError, type Ledger } from 'tokligence'
import { MemoryLedger } from 'tokligence/testing'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { plainText } from './conversations.ts'
import { dialects } from './dialects/index.ts'
import { ask, type Path, paths, startVendors } from './vendors.ts'

const cases = paths.flatMap((path) => [false, true].map((stream) => ({ path, stream })))

/** A ledger whose rows become durable when the test says so, or never. */
function slowLedger(write: () => Promise<void>) {
  class SlowLedger extends MemoryLedger {
    override async record(...input: Parameters<Ledger['record']>): Promise<void> {
      await write()
      await super.record(...input)
    }
  }
  return definePlugin({ kind: 'ledger', name: 'slow', apiVersion: 1, options: z.strictObject({}), setup: () => new SlowLedger() })()
}

describe('the end of a reply', () => {
  /** The last words of the text that can come before the part that says that the reply is whole. */
  const lastWords = ({ caller, upstream }: Path) => (caller === upstream && dialects[caller].terminalHoldsText ? 'Zürich' : 'done.')

  it.concurrent.each(cases)('waits for the row to be durable ($path.name, streamed: $stream)', async ({ path, stream }) => {
    let asked = false
    let release: () => void = () => undefined
    const write = (): Promise<void> => {
      asked = true
      return new Promise((resolve) => {
        release = resolve
      })
    }
    const gateway = await startVendors({ ledger: slowLedger(write) })
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, stream ? 'text' : 'text-unary')))
    let received = ''
    const reading = ask(gateway.url, path.caller, { ...plainText[path.caller], model: path.model, stream }).then(async (reply) => {
      const decoder = new TextDecoder()
      for await (const piece of reply.body as unknown as AsyncIterable<Uint8Array>) received += decoder.decode(piece, { stream: true })
    })
    await vi.waitFor(() => {
      expect(asked).toBe(true)
      if (stream) expect(received).toContain(lastWords(path))
    }, 5_000)
    // An end that does not wait would be here by then.
    await new Promise((resolve) => setTimeout(resolve, 100))
    const before = received
    release()
    await reading
    if (stream) {
      expect(before).not.toMatch(dialects[path.caller].terminal)
      expect(received).toMatch(dialects[path.caller].terminal)
    } else expect([before, received.includes('done.')]).toEqual(['', true])
    await gateway.close()
  })

  it.concurrent.each(cases)('never comes when the row cannot be written ($path.name, streamed: $stream)', async ({ path, stream }) => {
    const failing = slowLedger(() => Promise.reject(new GatewayError('TKL_LEDGER_UNAVAILABLE', 'The disk is full.')))
    const gateway = await startVendors({ ledger: failing })
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, stream ? 'text' : 'text-unary')))
    const reply = await ask(gateway.url, path.caller, { ...plainText[path.caller], model: path.model, stream })
    const text = await reply.text()
    expect(reply.status).toBe(stream ? 200 : 503)
    expect(text).not.toMatch(dialects[path.caller].terminal)
    expect(text).toContain('The disk is full.')
    await gateway.close()
  })
})
