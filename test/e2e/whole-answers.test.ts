import { afterEach, beforeEach, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read } from '../support/sdk-readings.ts'
import { plainText } from './conversations.ts'
import { ask, requestOn, startVendors, translatedPaths, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeEach(async () => {
  gateway = await startVendors()
})

afterEach(() => gateway.close())

it.each(translatedPaths)('a caller that waits for a stream gets one, although the provider answers at once ($name)', async (path) => {
  const { body, ...played } = playRecording(ownRecording(path.upstream, 'text-unary'))
  // In pieces, so that it is played as it is.
  const answer = { ...played, pieces: [body as Buffer] }
  gateway.upstream.reply(answer, answer)
  const request = requestOn(path, true, plainText[path.caller])
  const meaning = await read(path.caller, gateway.url, request)
  expect(meaning).toMatchObject({ text: 'Grüße aus Zürich, 你好 👋🏽 — done.', finish: 'stop', usage: { output: 11 } })
  const { headers } = await ask(gateway.url, path.caller, request)
  expect(headers.get('content-type')).toContain('text/event-stream')
})
