import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fields } from '../support/json-fields.ts'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { clientRequests } from './client-requests.ts'
import { counted, earlierRequests } from './earlier-requests.ts'
import { expectContinued, readSentTurns, type SentTurns } from './sent-turns.ts'
import { ask, callers, type Path, startVendors, translatedPaths, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

async function sentOn({ caller, upstream, model }: Path, request: Fields): Promise<SentTurns> {
  gateway.upstream.reply(playRecording(ownRecording(upstream, request.stream === true ? 'text' : 'text-unary')))
  const reply = await ask(gateway.url, caller, { ...request, model })
  const answer = await reply.text()
  expect(reply.status, answer).toBe(200)
  return readSentTurns(upstream, gateway.upstream.lastRequest.body)
}

const conversations = callers.flatMap((caller) => clientRequests(caller).map(({ id, request }) => ({ caller, id, request })))
const continued = translatedPaths.flatMap((path) =>
  conversations.filter(({ caller, request }) => caller === path.caller && earlierRequests(caller, request).length > 0).map((each) => ({ ...each, path })),
)

describe('what a client says twice is sent twice in the same words', () => {
  it.each(continued.map((each) => ({ ...each, name: each.path.name })))('$name: $id', async ({ path, caller, request }) => {
    const whole = await sentOn(path, counted(request, '22222'))
    // Settings may differ: a history that was not made here has no seals, and a vendor that demands them is asked not to think.
    for (const earlier of earlierRequests(caller, request)) expectContinued(whole, await sentOn(path, counted(earlier, '11111')))
  })
})
