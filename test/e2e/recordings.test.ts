import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Recording, recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read, readRecording, smallestRequest } from '../support/sdk-readings.ts'
import { carried, isReadable } from './carried-meaning.ts'
import { isWhole } from './cut-places.ts'
import { dialects } from './dialects/index.ts'
import { PassRates } from './pass-rates.ts'
import { ask, type Path, paths, requestOn, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors
const rates = new PassRates('recordings')

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(async () => {
  await gateway.close()
  rates.tell()
})

/** What is a reply, whole or streamed: errors have tests of their own. */
function repliesOf({ upstream }: Path): Recording[] {
  return recordings(upstream).filter((recording) => recording.status === 200 && !recording.id.includes('mid-stream') && isWhole(recording))
}

function request(path: Path, stream: boolean) {
  return requestOn(path, stream, smallestRequest(path.caller))
}

describe.each(paths)('$name', (path) => {
  it.each(repliesOf(path).filter((recording) => isReadable(path, recording)))('means what the upstream’s own client reads: $id', async (recording) => {
    await rates.count(path.name, recording.id, async () => {
      const said = await readRecording(recording)
      for (const pieceBytes of [undefined, 7]) {
        gateway.upstream.reply(playRecording(recording, pieceBytes ? { pieceBytes } : {}))
        const { heard, expected } = carried(path, await read(path.caller, gateway.url, request(path, recording.stream)), said)
        expect(heard, pieceBytes ? `in pieces of ${pieceBytes} bytes` : 'in one piece').toEqual(expected)
      }
      expect(gateway.upstream.refusals).toEqual([])
    })
  })

  it.each(repliesOf(path).filter(({ stream }) => stream))('writes a legal stream: $id', async (recording) => {
    await rates.count(path.name, recording.id, async () => {
      gateway.upstream.reply(playRecording(recording))
      const reply = await ask(gateway.url, path.caller, request(path, true))
      const bytes = Buffer.from(await reply.arrayBuffer())
      // The recordings were asked with or without usage. Where the caller's protocol demands it, it is estimated.
      const untouched = path.caller === path.upstream
      const usage = (!untouched && path.caller !== 'gemini') || (await readRecording(recording)).usage !== undefined
      expect(dialects[path.caller].violations(bytes, { usage, untouched, contentType: reply.headers.get('content-type') })).toEqual([])
    })
  })
})
