import { LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import type { Fields } from '../../support/json-fields.ts'
import { answerWeather, arraySystem, askWeather, type Conversations, pixel, plainText, withImage } from '../conversations.ts'
import { callers } from '../vendors.ts'
import { unexplained } from './compare-requests.ts'
import { readRequest } from './index.ts'

const conversations: Readonly<Record<string, Conversations>> = { plainText, askWeather, answerWeather, withImage }

describe('the readings of what a request asks', () => {
  it.each(Object.entries(conversations))('are the same for one thing to say in four protocols (%s)', (_name, conversation) => {
    const [first, ...others] = callers.map((protocol) => ({ ...readRequest[protocol](conversation[protocol]), limit: undefined }))
    for (const other of others) expect(unexplained(first as never, other, [])).toEqual([])
  })

  it('tell what has become of everything that is said', () => {
    expect(readRequest.gemini(arraySystem.gemini)).toMatchObject({ system: 'You are terse.\nYou speak German.' })
    expect(readRequest['openai-responses'](arraySystem['openai-responses']).said).toMatchObject([
      { by: 'user', text: 'Hi' },
      { by: 'assistant' },
      { by: 'system', text: 'It is Monday.' },
      { by: 'user' },
    ])
  })
})

/** The request with every occurrence of a text replaced. */
function changed(body: Fields, from: string, to: string): Fields {
  const text = JSON.stringify(body)
  expect(text).toContain(from)
  return JSON.parse(text.replaceAll(from, to)) as Fields
}

function differences(conversation: Conversations, sent: Fields, losses = new LossSink()): string[] {
  const read = readRequest['openai-chat']
  return unexplained(read(conversation['openai-chat']), read(sent), losses.losses)
}

describe('the comparison of two requests', () => {
  it.each<[string, Conversations, string, string, RegExp]>([
    ['a word', answerWeather, 'Go on.', 'Go off.', /^said/],
    ['who says it', arraySystem, '"developer"', '"user"', /^said/],
    ['system text', arraySystem, 'You speak German.', '', /^system/],
    ['the arguments of a call', answerWeather, 'Bern', 'Basel', /^said/],
    ['which call a result answers', answerWeather, '"tool_call_id":"call_2"', '"tool_call_id":"call_1"', /^said/],
    ['a result', answerWeather, '12 °C', '21 °C', /^said/],
    ['an image', withImage, pixel, `${pixel}AAAA`, /^said/],
    ['a tool', askWeather, 'list_files', 'list_files_2', /^tools/],
    ['a property of a tool', askWeather, '"city"', '"town"', /^tools/],
    ['the choice among tools', askWeather, '"tool_choice":"auto"', '"tool_choice":"none"', /^toolChoice/],
    ['the limit', plainText, '500', '501', /^limit/],
  ])('notices that something else is asked: %s', (_what, conversation, from, to, told) => {
    expect(differences(conversation, changed(conversation['openai-chat'], from, to))).toEqual([expect.stringMatching(told)])
  })

  it('takes a difference that a loss names, and no more of them than there are losses', () => {
    const losses = new LossSink()
    losses.dropped('messages[0].content[1]', 'image-input', 'semantic')
    const parts = (withImage['openai-chat'].messages as readonly { content: readonly unknown[] }[])[0]?.content ?? []
    const without = (count: number) => ({ messages: [{ role: 'user', content: parts.slice(0, parts.length - count) }] })
    expect(differences(withImage, without(1))).not.toEqual([])
    expect(differences(withImage, without(1), losses)).toEqual([])
    expect(differences(withImage, without(2), losses)).not.toEqual([])
  })
})
