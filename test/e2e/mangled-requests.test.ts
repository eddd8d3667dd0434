import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fields } from '../support/json-fields.ts'
import { mangled } from '../support/mangled-json.ts'
import { ownRecording, recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { clientRequests } from './client-requests.ts'
import { answerWeather, arraySystem, withImage } from './conversations.ts'
import { dialects } from './dialects/index.ts'
import { post, startVendors, translatedPaths, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

/** What not every vendor's rules look at: what schemas hold, words of one vendor, media types that there are not, and figures beyond all models. */
const unchecked = /[Ss]chema|text\.format|Supported values are|TYPE_INT32|max_output_tokens|candidate_count|MIME|mime_type|image_url|file_data/

describe.each(translatedPaths)('$name', (path) => {
  const bodies: Fields[] = [
    ...[answerWeather, arraySystem, withImage].map((conversation) => conversation[path.caller]),
    ...recordings(path.caller).flatMap(({ request }) => (request ? [request] : [])),
    ...clientRequests(path.caller).map(({ request }) => request),
  ]

  it('is answered clearly, never with a fault of the gateway, and refused by the provider only if it would be by the caller’s own', async () => {
    const recording = ownRecording(path.upstream, 'text')
    const whole = ownRecording(path.upstream, 'text-unary')
    gateway.upstream.always((request) => playRecording(dialects[path.upstream].sent(request).stream === true ? recording : whole))
    await fc.assert(
      fc.asyncProperty(mangled(bodies), fc.boolean(), async (body, stream) => {
        const text = JSON.stringify(dialects[path.caller].body({ stream, ...(body as Fields), model: path.model }))
        const known = gateway.upstream.refusals.length
        const reply = await post(gateway.url, { protocol: path.caller, model: path.model, stream }, text)
        const answer = await reply.text()
        expect(reply.status, `${text.slice(0, 2000)}\n→ ${answer}`).toBeLessThan(500)
        const refusals = gateway.upstream.refusals.slice(known).filter((reason) => !unchecked.test(reason))
        if (refusals.length > 0) expect(dialects[path.caller].refuse(JSON.parse(text) as Fields), `${refusals.join()}\n${text.slice(0, 2000)}`).toBeDefined()
      }),
      { numRuns: 200 },
    )
  })
})
