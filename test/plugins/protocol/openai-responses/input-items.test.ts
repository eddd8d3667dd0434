import type { JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { listInputItems } from '../../../../plugins/protocol/openai-responses/stored/input-items.ts'

/** All items, asked for one by one as a client's pages do. */
function pageThrough(items: readonly JsonObject[], order: 'asc' | 'desc'): readonly JsonObject[] {
  const found: JsonObject[] = []
  for (let after: unknown; found.length <= items.length; after = found.at(-1)?.id) {
    const query = new URLSearchParams({ limit: '1', order, ...(typeof after === 'string' && { after }) })
    const page = listInputItems(items, 'resp_0123', query)
    found.push(...(page.data as readonly JsonObject[]))
    if (page.has_more !== true) break
  }
  return found
}

describe('a list of input items', () => {
  it.each(['asc', 'desc'] as const)('has an end although items have one id, or one that is made for another (%s)', (order) => {
    const user = { type: 'message', role: 'user' }
    const items = [
      { ...user, id: 'msg_a', content: 'a' },
      { ...user, id: 'msg_a', content: 'b' },
      { ...user, content: 'c' },
      { ...user, id: '', content: 'd' },
    ]
    const [, second] = listInputItems(items, 'resp_0123', new URLSearchParams('order=asc')).data as readonly JsonObject[]
    for (const list of [items, [{ ...user, id: String(second?.id), content: 'z' }, ...items.slice(0, 1), ...items.slice(0, 3)]]) {
      const found = pageThrough(list, order)
      expect(new Set(found.map(({ id }) => id)).size).toBe(list.length)
      const texts = found.map(({ content }) => (content as readonly { readonly text: string }[])[0]?.text)
      const given = list.map(({ content }) => content)
      expect(texts).toEqual(order === 'asc' ? given : given.reverse())
    }
  })

  it('keeps the ids that its items have', () => {
    const { data } = listInputItems([{ type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: 'x' }], 'resp_1', new URLSearchParams())
    expect(data).toEqual([{ type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: 'x' }])
  })
})
