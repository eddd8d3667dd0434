import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fields, objects } from '../support/json-fields.ts'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read, readRecording } from '../support/sdk-readings.ts'
import { answerWeather, arraySystem, askWeather, type Conversations, pixel, plainText, withImage } from './conversations.ts'
import { type Path, paths, startTwoVendors, type TwoVendors } from './two-vendors.ts'

let gateway: TwoVendors

beforeEach(async () => {
  gateway = await startTwoVendors()
})

afterEach(async () => {
  expect(gateway.upstream.refusals).toEqual([])
  await gateway.close()
})

interface Case {
  readonly path: Path
  readonly stream: boolean
}

const cases: Case[] = paths.flatMap((path) => [false, true].map((stream) => ({ path, stream })))
const title = (name: string) => `${name} ($path.name, streamed: $stream)`

/** Plays a recording, asks through the gateway with the caller's own client, and gives what the client read and what the upstream was sent. */
async function exchange({ path, stream }: Case, conversation: Conversations, recording: string) {
  const played = ownRecording(path.upstream, stream ? recording : `${recording}-unary`)
  gateway.upstream.reply(playRecording(played))
  const usage = stream && path.caller === 'openai-chat' ? { stream_options: { include_usage: true } } : {}
  const meaning = await read(path.caller, gateway.url, { model: path.model, stream, ...usage, ...conversation[path.caller] })
  return { meaning, expected: await readRecording(played), sent: gateway.upstream.lastRequest.json() as Fields }
}

/** The text that stands anywhere below, in order. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

describe('the four paths', () => {
  it.each(cases)(title('carry text and usage'), async (one) => {
    const { meaning, expected, sent } = await exchange(one, plainText, 'text')
    expect(meaning).toEqual(expected)
    expect(meaning.text).toBe('Grüße aus Zürich, 你好 👋🏽 — done.')
    expect(sent.model).toBe(one.path.model)
    expect(sent.stream ?? false).toBe(one.stream)
    expect(textsIn(sent.messages)).toContain('Greet me in “Zürich”.')
  })

  it.each(cases)(title('carry one tool call, its arguments and the reason for stopping'), async (one) => {
    const { meaning, expected, sent } = await exchange(one, askWeather, 'tool')
    expect(meaning).toEqual(expected)
    expect(meaning).toMatchObject({ toolCalls: [{ name: 'get_weather', arguments: { city: 'Zürich "Altstadt"' } }], finish: 'tool-calls' })
    const tool = objects(sent.tools)[0]
    const described = (tool?.function ?? tool) as Fields
    expect(described).toMatchObject({ name: 'get_weather', description: 'Tells the weather.' })
    expect(described.parameters ?? described.input_schema).toMatchObject({ type: 'object', required: ['city'], additionalProperties: false })
  })

  it.each(cases)(title('carry two parallel tool calls with text between them'), async (one) => {
    const { meaning, expected } = await exchange(one, askWeather, 'parallel-tools')
    expect(meaning).toEqual(expected)
    expect(meaning.toolCalls.map(({ name }) => name)).toEqual(['get_weather', 'list_files'])
  })

  it.each(cases)(title('carry the results of two tool calls back, with what the user adds'), async (one) => {
    const { meaning, expected, sent } = await exchange(one, answerWeather, 'text')
    expect(meaning).toEqual(expected)
    const texts = textsIn(sent.messages)
    const order = ['I will look at both.', 'get_weather', '12 °C', 'a.txt', 'Go on.'].map((text) => texts.indexOf(text))
    expect(order, texts.join(' | ')).not.toContain(-1)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(texts.filter((text) => text === 'call_1')).toHaveLength(2)
  })

  it.each(cases)(title('carry thoughts'), async (one) => {
    const { meaning, expected } = await exchange(one, plainText, 'thinking')
    expect(meaning).toEqual(expected)
    expect(meaning.thinking).toBe('The user asks for a sum: 2 + 2.')
  })

  it.each(cases)(title('carry images, inline and by address'), async (one) => {
    const { meaning, expected, sent } = await exchange(one, withImage, 'text')
    expect(meaning).toEqual(expected)
    const texts = textsIn(sent.messages)
    expect(texts.some((text) => text.endsWith(pixel))).toBe(true)
    expect(texts).toContain('https://example.com/cat.jpg')
    expect(texts.join()).toContain('image/png')
  })

  it.each(cases)(title('carry system text in parts, and in the middle'), async (one) => {
    const { meaning, expected, sent } = await exchange(one, arraySystem, 'text')
    expect(meaning).toEqual(expected)
    const texts = textsIn({ system: sent.system, messages: sent.messages }).join('\n')
    const order = ['You are terse.', 'You speak German.', 'Hallo.', 'It is Monday.', 'Which day is it?'].map((text) => texts.indexOf(text))
    expect(order, texts).not.toContain(-1)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it.each(paths)('give the same meaning and usage streamed and not ($name)', async (path) => {
    for (const recording of ['text', 'tool', 'parallel-tools', 'thinking', 'length']) {
      const whole = await exchange({ path, stream: false }, askWeather, recording)
      const streamed = await exchange({ path, stream: true }, askWeather, recording)
      expect(streamed.meaning, recording).toEqual(whole.meaning)
    }
    const rows = gateway.ledger.records()
    expect(rows).toHaveLength(10)
    for (let index = 0; index < rows.length; index += 2) {
      const [whole, streamed] = [rows[index]?.usage, rows[index + 1]?.usage]
      expect({ ...streamed, raw: undefined }).toEqual({ ...whole, raw: undefined })
      expect(whole?.source).toBe('measured')
    }
  })
})
