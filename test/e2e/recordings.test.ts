import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkAnthropicMessagesStream } from '../support/check-anthropic-messages-stream.ts'
import { checkOpenaiChatStream } from '../support/check-openai-chat-stream.ts'
import type { Fields } from '../support/json-fields.ts'
import type { Meaning } from '../support/meaning.ts'
import { type Recording, recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read, readRecording, smallestRequest } from '../support/sdk-readings.ts'
import { type Path, type PathProtocol, paths, post, startTwoVendors, type TwoVendors } from './two-vendors.ts'

let gateway: TwoVendors

beforeAll(async () => {
  gateway = await startTwoVendors()
})

afterAll(() => gateway.close())

const replies: Readonly<Record<PathProtocol, readonly Recording[]>> = {
  'openai-chat': recordings('openai-chat').filter(isReply),
  'anthropic-messages': recordings('anthropic-messages').filter(isReply),
}

function isReply({ status, id }: Recording): boolean {
  return status === 200 && !id.includes('error-mid-stream')
}

function requestOf({ caller, model }: Path, stream: boolean): Fields {
  const usage = stream && caller === 'openai-chat' ? { stream_options: { include_usage: true } } : {}
  return { ...smallestRequest(caller, model), stream, ...usage }
}

/** What can be asked of the caller's reading: only one protocol tells refusals from other text, and figures that the upstream did not give are estimated. */
function comparable({ usage, text, refusal, ...rest }: Meaning, upstream: Meaning): object {
  return { ...rest, text: text + refusal, ...(upstream.usage && { usage }) }
}

describe.each(paths)('$name', (path) => {
  it.each(replies[path.upstream])('means what the upstream’s own client reads: $id', async (recording) => {
    const expected = await readRecording(recording)
    for (const pieceBytes of [undefined, 7]) {
      gateway.upstream.reply(playRecording(recording, pieceBytes ? { pieceBytes } : {}))
      const meaning = await read(path.caller, gateway.url, requestOf(path, recording.stream))
      expect(comparable(meaning, expected), pieceBytes ? `in pieces of ${pieceBytes} bytes` : 'in one piece').toEqual(comparable(expected, expected))
    }
    expect(gateway.upstream.refusals).toEqual([])
  })

  it.each(replies[path.upstream].filter(({ stream }) => stream))('writes a legal stream: $id', async (recording) => {
    gateway.upstream.reply(playRecording(recording))
    const reply = await post(gateway.url, path.caller, JSON.stringify(requestOf(path, true)))
    const bytes = Buffer.from(await reply.arrayBuffer())
    const contentType = reply.headers.get('content-type')
    const hasUsage = (await readRecording(recording)).usage !== undefined
    // On an identity path the bytes are the recording's own, which was asked with or without usage.
    const includeUsage = path.caller === path.upstream ? hasUsage : true
    const violations =
      path.caller === 'openai-chat' ? checkOpenaiChatStream(bytes, { includeUsage, contentType }) : checkAnthropicMessagesStream(bytes, { contentType })
    expect(violations).toEqual([])
  })
})
