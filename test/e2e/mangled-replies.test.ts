import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mangled } from '../support/mangled-json.ts'
import { recordings } from '../support/recordings.ts'
import { smallestRequest } from '../support/sdk-readings.ts'
import { ask, paths, requestOn, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

describe.each(paths)('$name', (path) => {
  const replies = recordings(path.upstream)
    .filter(({ stream }) => !stream)
    .map(({ status, body }) => ({ status, body: JSON.parse(body.toString()) as unknown }))

  it('answers with a reply or with a clear error, never with a fault of the gateway, whatever the provider sends', async () => {
    const request = requestOn(path, false, smallestRequest(path.caller))
    await fc.assert(
      fc.asyncProperty(mangled(replies.map(({ body }) => body)), fc.constantFrom(200, 200, 200, 400, 500), async (body, status) => {
        const text = JSON.stringify(body)
        gateway.upstream.reply({ status, headers: { 'content-type': 'application/json' }, body: text })
        const reply = await ask(gateway.url, path.caller, request)
        const answer = await reply.text()
        // An error that comes with the status 200 is given the status that its type stands for.
        const isAllowed = status === 200 ? reply.status === 200 || reply.status >= 400 : reply.status === status
        expect(isAllowed, `${text.slice(0, 2000)}\n→ ${reply.status} ${answer}`).toBe(true)
        expect(answer).not.toContain('TKL_INTERNAL')
        expect(answer).not.toContain('its log has the details')
      }),
      { numRuns: 100 },
    )
    expect(new Set(gateway.ledger.records().map(({ ending }) => ending)).size).toBeGreaterThan(1)
  })
})
