import { describe, expect, it } from 'vitest'
import { answered, called, conversation, encodeRequest, said } from './subject.ts'

const many = 20_000

/** Milliseconds that the work takes. */
function timed(work: () => void): number {
  const begin = performance.now()
  work()
  return performance.now() - begin
}

describe('a very long request', () => {
  it('with one id for every call takes no time that grows with the square of its turns', () => {
    const turns = Array.from({ length: many }, () => [said('assistant', called('call')), said('tool', answered('call'))]).flat()
    let messages: readonly { content?: unknown }[] = []
    expect(timed(() => (messages = encodeRequest(conversation([said('user', 'go'), ...turns])).messages))).toBeLessThan(1000)
    expect(messages.at(-1)).toMatchObject({ content: [{ type: 'tool_result', tool_use_id: `call_${many}` }] })
  })

  it.each([
    ['ids of their own', (index: number) => `call-${index}`],
    ['one id', () => 'call'],
  ])('with parallel calls that have %s answers each once', (_title, idOf) => {
    const indices = Array.from({ length: many }, (_, index) => index)
    const calls = said('assistant', ...indices.map((index) => called(idOf(index))))
    const results = said('tool', ...indices.map((index) => answered(idOf(index), `seen ${index}`)).reverse())
    let messages: readonly { content?: unknown }[] = []
    let losses: readonly unknown[] = []
    const took = timed(() => ({ messages, losses } = encodeRequest(conversation([said('user', 'go'), calls, results]))))
    expect(took).toBeLessThan(1000)
    expect(losses).toEqual([])
    const answers = messages.at(-1)?.content as { tool_use_id: string; content: string }[]
    const wireIds = ((messages[1]?.content ?? []) as { id: string }[]).map(({ id }) => id)
    expect(answers).toHaveLength(many)
    expect(new Set(answers.map(({ tool_use_id }) => tool_use_id))).toEqual(new Set(wireIds))
  })

  it('with many tools, of which all may be called, compares each name once', () => {
    const tools = Array.from({ length: many }, (_, index) => ({ type: 'function' as const, name: `tool_${index}` }))
    const names = tools.map(({ name }) => name)
    let body: { tools?: unknown } = {}
    const request = conversation([said('user', 'go')], { tools, toolChoice: { type: 'allowed', mode: 'auto', names } })
    expect(timed(() => ({ body } = encodeRequest(request)))).toBeLessThan(1000)
    expect(body.tools).toHaveLength(many)
  })

  it('gives an id of its own to a call whose id looks like a numbered one', () => {
    const turns = ['a', 'a', 'a_2', 'a', 'a_2'].flatMap((id) => [said('assistant', called(id)), said('tool', answered(id))])
    const { messages } = encodeRequest(conversation([said('user', 'go'), ...turns]))
    const ids = messages.filter(({ role }) => role === 'assistant').map(({ content }) => (content as { id: string }[])[0]?.id)
    expect(ids).toEqual(['a', 'a_2', 'a_2_2', 'a_3', 'a_2_3'])
  })

  it('answers calls that have no result in the order of the calls', () => {
    const { messages } = encodeRequest(
      conversation([said('user', 'go'), said('assistant', called('a'), called('b'), called('a')), said('tool', answered('a'))]),
    )
    const answers = messages.at(-1)?.content as { tool_use_id: string; is_error?: boolean }[]
    expect(answers.map(({ tool_use_id, is_error }) => [tool_use_id, is_error])).toEqual([
      ['a', undefined],
      ['b', true],
      ['a_2', true],
    ])
  })
})
