import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fields } from '../support/json-fields.ts'
import { ownRecording, type Recording, recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { clientRequests } from './client-requests.ts'
import { dialects } from './dialects/index.ts'
import { PassRates } from './pass-rates.ts'
import { unexplained } from './request-meaning/compare-requests.ts'
import { readRequest } from './request-meaning/index.ts'
import { ask, type Path, paths, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors
const rates = new PassRates('requests')

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(async () => {
  await gateway.close()
  rates.tell()
})

/** Sends a request along a path, and says what is wrong with what the vendor got. */
async function send(path: Path, request: Fields): Promise<readonly string[]> {
  gateway.upstream.reply(playRecording(ownRecording(path.upstream, request.stream === true ? 'text' : 'text-unary')))
  const known = gateway.upstream.refusals.length
  const reply = await ask(gateway.url, path.caller, request)
  const answer = await reply.text()
  if (!reply.ok) return [`${reply.status}: ${gateway.upstream.refusals.slice(known).join() || answer}`]
  const sent = readRequest[path.upstream](dialects[path.upstream].sent(gateway.upstream.lastRequest))
  return unexplained(readRequest[path.caller](request), sent, gateway.ledger.records().at(-1)?.losses ?? [])
}

/** The request with the model of a path, and with `stream` where the vendor has it in the address. */
function onPath({ caller, model }: Path, { request, stream }: Recording): Fields {
  return { ...request, model, ...(caller === 'gemini' && { stream }) }
}

describe.each(paths)('$name', (path) => {
  const recorded = recordings(path.caller).filter(({ request, status }) => request !== undefined && status === 200)

  it.each(recorded)('sends a request that the vendor accepts and that asks the same: $id', async (recording) => {
    await rates.count(path.name, recording.id, async () => expect(await send(path, onPath(path, recording))).toEqual([]))
  })

  it.each(clientRequests(path.caller))('sends what a client asks: $id', async ({ id, request }) => {
    await rates.count(path.name, id, async () => expect(await send(path, { ...request, model: path.model })).toEqual([]))
  })
})
