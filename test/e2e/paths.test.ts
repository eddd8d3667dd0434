import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read, readRecording } from '../support/sdk-readings.ts'
import { carried } from './carried-meaning.ts'
import { answerWeather, arraySystem, askWeather, type Conversations, pixel, plainText, withImage } from './conversations.ts'
import { dialects } from './dialects/index.ts'
import { readRequest } from './request-meaning/index.ts'
import { digestOf } from './request-meaning/request-meaning.ts'
import { type Path, paths, requestOn, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeEach(async () => {
  gateway = await startVendors()
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

/** Plays a recording, asks through the gateway with the caller's own client, and gives what the client read and what the upstream was asked. */
async function exchange({ path, stream }: Case, conversation: Conversations, recording: string) {
  const played = ownRecording(path.upstream, stream ? recording : `${recording}-unary`)
  gateway.upstream.reply(playRecording(played))
  const meaning = await read(path.caller, gateway.url, requestOn(path, stream, conversation[path.caller]))
  const sent = dialects[path.upstream].sent(gateway.upstream.lastRequest)
  const { heard, expected } = carried(path, meaning, await readRecording(played))
  return { meaning, heard, expected, sent, asked: readRequest[path.upstream](sent) }
}

describe('the sixteen paths', () => {
  it.each(cases)(title('carry text and usage'), async (one) => {
    const { meaning, heard, expected, sent, asked } = await exchange(one, plainText, 'text')
    expect(heard).toEqual(expected)
    expect(meaning.text).toBe('Grüße aus Zürich, 你好 👋🏽 — done.')
    expect(meaning.usage?.output).toBe(11)
    expect(sent.model).toBe(one.path.model)
    expect(sent.stream ?? false).toBe(one.stream)
    expect(asked).toMatchObject({ said: [{ type: 'text', by: 'user', text: 'Greet me in “Zürich”.' }], limit: 500 })
  })

  it.each(cases)(title('carry one tool call, its arguments and the reason for stopping'), async (one) => {
    const { meaning, heard, expected, asked } = await exchange(one, askWeather, 'tool')
    expect(heard).toEqual(expected)
    expect(meaning).toMatchObject({ toolCalls: [{ name: 'get_weather', arguments: { city: 'Zürich "Altstadt"' } }], finish: 'tool-calls' })
    expect(asked.tools).toEqual([
      { name: 'get_weather', description: 'Tells the weather.', properties: ['city'] },
      { name: 'list_files', description: 'Lists files.', properties: [] },
    ])
    expect(asked.toolChoice ?? 'auto').toBe('auto')
  })

  it.each(cases)(title('carry the schema of a tool whole'), async (one) => {
    const { sent } = await exchange(one, askWeather, 'tool')
    const schema = { type: 'object', properties: { city: { type: 'string', description: 'Where – “naïve” names too' } }, required: ['city'] }
    expect(objectsIn(sent).find(({ properties }) => properties !== undefined)).toMatchObject({ ...schema, additionalProperties: false })
  })

  it.each(cases)(title('carry two parallel tool calls with text between them'), async (one) => {
    const { meaning, heard, expected } = await exchange(one, askWeather, 'parallel-tools')
    expect(heard).toEqual(expected)
    expect(meaning.toolCalls.map(({ name }) => name)).toEqual(['get_weather', 'list_files'])
  })

  it.each(cases)(title('carry the results of two tool calls back, with what the user adds'), async (one) => {
    const { heard, expected, asked } = await exchange(one, answerWeather, 'text')
    expect(heard).toEqual(expected)
    expect(asked.said).toEqual([
      { type: 'text', by: 'user', text: 'Weather and files?' },
      { type: 'text', by: 'assistant', text: 'I will look at both.' },
      { type: 'call', name: 'get_weather', arguments: { city: 'Bern' } },
      { type: 'call', name: 'list_files', arguments: {} },
      { type: 'result', of: 0, text: '12 °C', media: [] },
      { type: 'result', of: 1, text: 'a.txt', media: [] },
      { type: 'text', by: 'user', text: 'Go on.' },
    ])
  })

  it.each(cases)(title('carry thoughts'), async (one) => {
    const { meaning, heard, expected } = await exchange(one, plainText, 'thinking')
    expect(heard).toEqual(expected)
    expect(meaning.thinking).toContain('The user asks for a sum: 2 + 2.')
  })

  it.each(cases)(title('carry images, inline and by address'), async (one) => {
    const { heard, expected, asked, sent } = await exchange(one, withImage, 'text')
    expect(heard).toEqual(expected)
    expect(asked.said).toEqual([
      { type: 'text', by: 'user', text: 'What is this?' },
      { type: 'media', by: 'user', digest: digestOf('image', pixel) },
      { type: 'media', by: 'user', digest: digestOf('image', 'https://example.com/cat.jpg') },
    ])
    expect(JSON.stringify(sent)).toContain('image/png')
  })

  it.each(cases)(title('carry system text in parts, and in the middle'), async (one) => {
    const { heard, expected, asked } = await exchange(one, arraySystem, 'text')
    expect(heard).toEqual(expected)
    expect(asked.system).toBe('You are terse.\nYou speak German.')
    const told = asked.said.map((said) => (said.type === 'text' ? `${said.by}: ${said.text}` : said.type)).join('\n')
    const order = ['user: Hi', 'assistant: Hallo.', 'It is Monday.', 'Which day is it?'].map((text) => told.indexOf(text))
    expect(order, told).not.toContain(-1)
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

/** Every object below a value, in order. */
function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(objectsIn)
  return Array.isArray(value) ? below : [value as Readonly<Record<string, unknown>>, ...below]
}
