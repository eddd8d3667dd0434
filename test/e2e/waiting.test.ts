import { describe, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { smallestRequest } from '../support/sdk-readings.ts'
import { midway } from './cut-places.ts'
import { dialects } from './dialects/index.ts'
import { ask, paths, requestOn, startVendors, translatedPaths } from './vendors.ts'

describe.concurrent('time-outs', () => {
  it.each(paths)('answer 504 when the provider does not begin, and end a stream that stalls with an error ($name)', async (path) => {
    const hasty = await startVendors({ timeouts: { firstByte: 200, idle: 200 } })
    const request = requestOn(path, true, smallestRequest(path.caller))
    hasty.upstream.reply({ headDelay: Number.POSITIVE_INFINITY })
    const silent = await ask(hasty.url, path.caller, request)
    expect([silent.status, await silent.text()]).toEqual([504, expect.stringContaining('did not begin to answer')])
    const recording = ownRecording(path.upstream, 'text')
    hasty.upstream.reply(playRecording(recording, { cutAfter: midway(recording), ending: 'hang' }))
    const stalled = await ask(hasty.url, path.caller, request)
    const bytes = Buffer.from(await stalled.arrayBuffer())
    expect([stalled.status, dialects[path.caller].violations(bytes, { ending: 'error' })]).toEqual([200, []])
    expect(hasty.ledger.records().map(({ ending, errorCode }) => [ending, errorCode])).toEqual(Array(2).fill(['upstream-error', 'TKL_UPSTREAM_TIMEOUT']))
    await hasty.close()
  })
})

describe.concurrent('an idle translated stream', () => {
  it.each(translatedPaths)('is kept alive in the caller’s own form ($name)', async (path) => {
    const pinging = await startVendors({ settings: { pingInterval: 30 } })
    const recording = ownRecording(path.upstream, 'text')
    const half = midway(recording)
    pinging.upstream.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [recording.body.subarray(0, half), recording.body.subarray(half)],
      delay: 120,
    })
    const reply = await ask(pinging.url, path.caller, requestOn(path, true, smallestRequest(path.caller)))
    const bytes = Buffer.from(await reply.arrayBuffer())
    expect(bytes.toString()).toMatch(dialects[path.caller].ping)
    expect(dialects[path.caller].violations(bytes)).toEqual([])
    await pinging.close()
  })
})
