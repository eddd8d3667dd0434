import { describe, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { smallestRequest } from '../support/sdk-readings.ts'
import { midway } from './cut-places.ts'
import { dialects } from './dialects/index.ts'
import { ask, paths, requestOn, startVendors, translatedPaths } from './vendors.ts'

describe('a time-out', () => {
  const timeouts = { firstByte: 200, idle: 200 }

  it.concurrent.each(paths.filter(({ upstream }) => upstream === 'anthropic-messages'))(
    'answers 504 when the provider does not begin ($name)',
    async (path) => {
      const gateway = await startVendors({ timeouts })
      gateway.upstream.reply({ headDelay: Number.POSITIVE_INFINITY })
      const reply = await ask(gateway.url, path.caller, requestOn(path, true, smallestRequest(path.caller)))
      const text = await reply.text()
      expect([reply.status, dialects[path.caller].envelopeFaults(JSON.parse(text)), text]).toEqual([
        504,
        [],
        expect.stringContaining('did not begin to answer'),
      ])
      expect(gateway.ledger.records()).toMatchObject([{ ending: 'upstream-error', errorCode: 'TKL_UPSTREAM_TIMEOUT' }])
      await gateway.close()
    },
  )

  it.concurrent.each(paths)('ends a stream that stalls with an error ($name)', async (path) => {
    const gateway = await startVendors({ timeouts })
    const recording = ownRecording(path.upstream, 'text')
    gateway.upstream.reply(playRecording(recording, { cutAfter: midway(recording), ending: 'hang' }))
    const reply = await ask(gateway.url, path.caller, requestOn(path, true, smallestRequest(path.caller)))
    const bytes = Buffer.from(await reply.arrayBuffer())
    expect([reply.status, dialects[path.caller].violations(bytes, { ending: 'error' })]).toEqual([200, []])
    expect(gateway.ledger.records()).toMatchObject([{ ending: 'upstream-error', errorCode: 'TKL_UPSTREAM_TIMEOUT' }])
    await gateway.close()
  })
})

describe('an idle translated stream', () => {
  it.concurrent.each(translatedPaths)('is kept alive in the caller’s own form ($name)', async (path) => {
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
