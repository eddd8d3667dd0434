import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownRecording, recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { paths, post, startTwoVendors, type TwoVendors } from './two-vendors.ts'

let gateway: TwoVendors

beforeAll(async () => {
  gateway = await startTwoVendors()
})

afterAll(() => gateway.close())

describe.each(paths)('$name', (path) => {
  const requests = recordings(path.caller).filter(({ request, status }) => request !== undefined && status === 200)

  it.each(requests)('sends a request that the vendor accepts: $id', async ({ request, stream }) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, stream ? 'text' : 'text-unary')))
    const reply = await post(gateway.url, path.caller, JSON.stringify({ ...request, model: path.model }))
    expect({ refusals: gateway.upstream.refusals, status: reply.status, text: reply.ok ? '' : await reply.text() }).toEqual({
      refusals: [],
      status: 200,
      text: '',
    })
    await reply.arrayBuffer()
  })
})
