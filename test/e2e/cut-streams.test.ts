import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { smallestRequest } from '../support/sdk-readings.ts'
import { bordersBeforeTheEnd } from './cut-places.ts'
import { dialects } from './dialects/index.ts'
import { ask, paths, requestOn, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

describe.each(paths)('$name', (path) => {
  const streams = recordings(path.upstream).filter(({ format, status, id }) => format === 'sse' && status === 200 && !/error|failed/.test(id))

  it.each(streams)('ends a stream that was cut with an error in its own grammar: $id', async (recording) => {
    const dialect = dialects[path.caller]
    for (const [index, cutAfter] of bordersBeforeTheEnd(recording).entries()) {
      const ending = index % 2 === 0 ? 'end' : 'reset'
      gateway.upstream.reply(playRecording(recording, { cutAfter, ending }))
      const reply = await ask(gateway.url, path.caller, requestOn(path, true, smallestRequest(path.caller)))
      const bytes = Buffer.from(await reply.arrayBuffer())
      const where = `${ending} after ${cutAfter} bytes`
      // Before anything was said, the status says it.
      if (reply.status !== 200) expect([reply.status, dialect.envelopeFaults(JSON.parse(bytes.toString()))], where).toEqual([502, []])
      else
        expect(
          dialect.violations(bytes, { ending: 'error', untouched: path.caller === path.upstream, contentType: reply.headers.get('content-type') }),
          where,
        ).toEqual([])
      expect(gateway.ledger.records().at(-1), where).toMatchObject({ ending: 'upstream-error', status: reply.status })
    }
  })
})
