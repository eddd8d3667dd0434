import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read, readRecording, smallestRequest } from '../support/sdk-readings.ts'
import { midway } from './cut-places.ts'
import { ask, eventually, paths, requestOn, sourceOfPart, startVendors } from './vendors.ts'

describe('closing the gateway', () => {
  it.concurrent.each(paths)('lets a live stream end, with its row, and takes no new request ($name)', async (path) => {
    const gateway = await startVendors({ settings: { drainTimeout: 10_000 } })
    const recording = ownRecording(path.upstream, 'text')
    gateway.upstream.reply(playRecording(recording, { pieceBytes: Math.ceil(recording.body.length / 20), delay: 5 }))
    const reading = read(path.caller, gateway.url, requestOn(path, true, smallestRequest(path.caller)))
    await eventually(() => gateway.upstream.requests[0])
    const closed = gateway.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await expect(ask(gateway.url, path.caller, requestOn(path, false, {}))).rejects.toThrow()
    expect((await reading).text).toBe((await readRecording(recording)).text)
    await closed
    expect(gateway.ledger.records()).toMatchObject([{ ending: 'complete' }])
  })

  it.concurrent.each(paths)('gives up what does not end in time, told as an error, and metered ($name)', async (path) => {
    const gateway = await startVendors({ settings: { drainTimeout: 100 } })
    const recording = ownRecording(path.upstream, 'text')
    gateway.upstream.reply(playRecording(recording, { cutAfter: midway(recording), ending: 'hang' }))
    const reply = await ask(gateway.url, path.caller, requestOn(path, true, smallestRequest(path.caller)))
    const text = reply.text()
    await gateway.close()
    expect(await text).toMatch(/shutting down/)
    expect(gateway.ledger.records()).toMatchObject([{ errorCode: 'TKL_SHUTTING_DOWN', usage: { source: sourceOfPart(path) } }])
  })

  it('does not wait for connections on which nothing was ever asked', async () => {
    const gateway = await startVendors({ settings: { drainTimeout: 5_000 } })
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    const over = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve))
    await new Promise((resolve) => socket.once('connect', resolve))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const started = performance.now()
    await gateway.close()
    expect(performance.now() - started).toBeLessThan(1_000)
    await over
  })
})
