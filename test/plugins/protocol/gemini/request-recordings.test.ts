import { LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../../plugins/protocol/gemini/request/settle.ts'
import { recordings } from '../../../support/recordings.ts'
import { decodeRequest, roundTrip } from './request-subject.ts'

/** What the vendor answered 400 to is not looked at here: a wrong role is ours to refuse too. */
const all = recordings('gemini').filter(({ request, status }) => request && status === 200)

const pathOf = (requestPath: string | undefined) => decodeURIComponent(/models\/([^?]+)/.exec(requestPath ?? '')?.[1] ?? 'gemini-test:generateContent')

/** The same value with every field that has two spellings in the other one. */
function respelled(value: unknown, spell: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => respelled(each, spell))
  if (typeof value !== 'object' || value === null) return value
  const verbatim = ['args', 'response', 'parameters', 'properties', 'parametersJsonSchema', 'labels']
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [spell(name), verbatim.includes(name) ? each : respelled(each, spell)]))
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

describe('every recorded request', () => {
  it.each(all)('$id is written back as it was', ({ request, requestPath }) => {
    expect(roundTrip(request, pathOf(requestPath))).toEqual({ again: request, losses: [] })
  })

  it.each([['camelCase', camel] as const, ['snake_case', snake] as const])('is written back as it was in %s, and means the same', (_, spell) => {
    for (const { id, request, requestPath } of all) {
      const other = respelled(request, spell)
      expect(roundTrip(other, pathOf(requestPath)), id).toEqual({ again: other, losses: [] })
      const plain = settle(decodeRequest(request, pathOf(requestPath)), new LossSink())
      const same = settle(decodeRequest(other, pathOf(requestPath)), new LossSink())
      const bare = (conversation: typeof plain) =>
        JSON.parse(
          JSON.stringify({ ...conversation, tools: conversation.tools.filter(({ type }) => type === 'function') }, (key, value) =>
            key === 'ext' ? undefined : value,
          ),
        )
      expect(bare(same), id).toEqual(bare(plain))
    }
  })

  it.each(all)('$id reads its model and whether it streams from the path', ({ request, requestPath, stream }) => {
    const conversation = decodeRequest(request, pathOf(requestPath))
    expect(conversation.model).toMatch(/^gemini-/)
    expect(conversation.stream).toBe(stream)
  })
})
