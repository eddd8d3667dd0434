import fc from 'fast-check'
import { type Block, type Reply, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { type Fields, objects } from '../../../support/json-fields.ts'
import { dataOf, decodeRequest, encodeEvents, protocol, replyOptions, roundTrip } from './subject.ts'

const thought = (value: string, text = ''): Block => ({
  type: 'reasoning',
  text,
  ...(text === '' && { redacted: true }),
  sealed: { issuer: 'elsewhere', value: `tkl1.${value}` },
})
const words = (text: string): Block => ({ type: 'text', text })
const call = (id: string, seal?: string): Block => ({
  type: 'tool-call',
  id,
  name: 'get',
  argumentsText: '{}',
  form: 'json',
  executedBy: 'client',
  ...(seal !== undefined && { sealed: { issuer: 'elsewhere', value: `tkl1.${seal}` } }),
})
const replyOf = (blocks: readonly Block[]): Reply => ({ candidates: [{ blocks, finish: { reason: 'stop' } }] })

function messageOf(blocks: readonly Block[]): Fields {
  const { choices } = protocol.encodeReply(replyOf(blocks), replyOptions()) as Fields
  return objects(choices)[0]?.message as Fields
}

/** The same message as a client puts it together that joins lists. */
function streamedMessageOf(blocks: readonly Block[]): Fields {
  const deltas = (dataOf(encodeEvents(replyEvents(replyOf(blocks)), replyOptions({ stream: true }))) as Fields[])
    .flatMap(({ choices }) => objects(choices))
    .map(({ delta }) => delta as Fields)
  const calls: Fields[] = []
  for (const { index, function: piece, ...rest } of deltas.flatMap(({ tool_calls }) => objects(tool_calls))) {
    const before = calls[Number(index)] ?? { function: { name: '', arguments: '' } }
    const [made, next] = [before.function, piece] as [Fields, Fields]
    calls[Number(index)] = { ...before, ...rest, function: { name: made.name || next.name, arguments: `${made.arguments}${next.arguments ?? ''}` } }
  }
  const joined = (name: string) => deltas.map((delta) => delta[name] ?? '').join('')
  const details = deltas.flatMap(({ reasoning_details }) => objects(reasoning_details))
  return {
    role: 'assistant',
    content: joined('content') || null,
    ...(joined('reasoning_content') !== '' && { reasoning_content: joined('reasoning_content') }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

/** What a message that comes back holds, in order: opaque values of thoughts, texts, ids of calls with theirs. */
function orderIn(message: Fields): readonly string[] {
  const [turn] = decodeRequest({ model: 'm', messages: [message] }).turns
  return (turn?.blocks ?? []).map(nameOf)
}

function nameOf(block: Block): string {
  if (block.type === 'reasoning') return `thought ${block.sealed?.value}`
  return block.type === 'tool-call' ? `call ${block.id} ${block.sealed?.value}` : `text ${block.type === 'text' ? block.text : ''}`
}

const entries = (message: Fields) => objects(message.reasoning_details)

describe('the place of a thought', () => {
  const blocks = [thought('a', 'Hm.'), words('Look. '), thought('b'), words('Now.'), call('c1', 'of c1'), thought('c'), thought('d'), call('c2'), thought('e')]

  it('is told by its entry: nothing, the length of the texts before it, or the call before it', () => {
    expect(entries(messageOf(blocks)).map(({ data, id, after }) => [data, id, after])).toEqual([
      ['tkl1.a', null, undefined],
      ['tkl1.b', null, 6],
      ['tkl1.of c1', 'c1', undefined],
      ['tkl1.c', null, 'c1'],
      ['tkl1.d', null, 'c1'],
      ['tkl1.e', null, 'c2'],
    ])
  })

  it('is found again, and the message written as it was', () => {
    const message = messageOf(blocks)
    expect(orderIn(message)).toEqual(blocks.map(nameOf))
    expect(roundTrip({ model: 'm', messages: [message] })).toEqual({ again: { model: 'm', messages: [message] }, losses: [] })
  })

  it('is before everything else for entries that do not tell, and for those whose call is gone', () => {
    const message = messageOf([call('c1'), thought('a'), call('c2')])
    const untold = { ...message, reasoning_details: entries(message).map(({ after: _, ...entry }) => entry) }
    expect(orderIn(untold)).toEqual(['thought tkl1.a', 'call c1 undefined', 'call c2 undefined'])
    expect(orderIn({ ...message, tool_calls: objects(message.tool_calls).slice(1) })).toEqual(['thought tkl1.a', 'call c2 undefined'])
  })

  it('is behind the first of calls that have one id', () => {
    const message = messageOf([call('c1'), thought('a'), call('c2')])
    const [first, second] = objects(message.tool_calls)
    expect(orderIn({ ...message, tool_calls: [first, second, first] })).toEqual([
      'call c1 undefined',
      'thought tkl1.a',
      'call c2 undefined',
      'call c1 undefined',
    ])
  })

  it('is behind a text that was cut short, and cuts neither what a client made parts of nor a text that is cited', () => {
    const message = messageOf([words('Look. '), thought('a'), words('Now.')])
    expect(orderIn({ ...message, content: 'Look' })).toEqual(['text Look', 'thought tkl1.a'])
    const parts = [{ type: 'text', text: 'Look. Now.' }]
    expect(orderIn({ ...message, content: parts })).toEqual(['text Look. Now.', 'thought tkl1.a'])
    const annotations = [{ type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 4 } }]
    expect(orderIn({ ...message, annotations })).toEqual(['text Look. Now.', 'thought tkl1.a'])
  })

  it('is behind a character of two code units that the place would cut in two', () => {
    const message = messageOf([words('👋'), thought('a'), words('👋 Now.')])
    const moved = (after: number) => ({ ...message, reasoning_details: entries(message).map((entry) => ({ ...entry, after })) })
    expect(orderIn(moved(1))).toEqual(['text 👋', 'thought tkl1.a', 'text 👋 Now.'])
    expect(orderIn(moved(3))).toEqual(['text 👋👋', 'thought tkl1.a', 'text  Now.'])
    expect(orderIn({ ...moved(1), content: '👋' })).toEqual(['text 👋', 'thought tkl1.a'])
    expect(orderIn(moved(2.5))).toEqual(['thought tkl1.a', 'text 👋👋 Now.'])
  })

  it('comes back from any reply, streamed and not, whatever stood around it', () => {
    const kinds = fc.array(fc.constantFrom('thought', 'shown', 'text', 'call', 'sealed call'), { maxLength: 12 })
    const ordered = kinds.map((list) => {
      // Texts behind a call have no place of their own in this protocol.
      const firstCall = list.findIndex((kind) => kind.includes('call'))
      return list.filter((kind, index) => !(kind === 'text' && firstCall !== -1 && index > firstCall))
    })
    fc.assert(
      fc.property(ordered, (list) => {
        const made = list.map((kind, index): Block => {
          if (kind === 'text') return words(`words ${index}. 👋`)
          if (kind === 'thought' || kind === 'shown') return thought(`t${index}`, kind === 'shown' ? `Hm ${index}.` : '')
          return call(`c${index}`, kind === 'call' ? undefined : `s${index}`)
        })
        // Texts that follow one another are one.
        const expected = made.map(nameOf).reduce<string[]>((names, name) => {
          const last = names.at(-1)
          if (last?.startsWith('text ') && name.startsWith('text ')) names[names.length - 1] = last + name.slice('text '.length)
          else names.push(name)
          return names
        }, [])
        expect(orderIn(messageOf(made))).toEqual(expected)
        expect(orderIn(streamedMessageOf(made))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})
