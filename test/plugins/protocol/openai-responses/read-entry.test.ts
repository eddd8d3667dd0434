import { describe, expect, it } from 'vitest'
import { readKeptReply, readOwner, readSettingsText } from '../../../../plugins/protocol/openai-responses/stored/read-entry.ts'

const kept = { response: { id: 'resp_1', output: [] }, model: 'm', settings: {}, earlier: ['resp_0'], input: [{ type: 'message' }] }
const keeper = { provider: 'openai', account: 'a' }
const asked = { model: 'm', calls: [{ id: 'call_1', type: 'function_call' }], settings: 'digest' }

describe('an entry of the store', () => {
  it('is read when it is whole', () => {
    for (const entry of [kept, { ...kept, keeper }]) expect(readKeptReply(JSON.stringify(entry))).toEqual(entry)
    for (const entry of [keeper, { ...keeper, asked }, { ...keeper, asked: { model: 'm', calls: [] } }]) expect(readOwner(JSON.stringify(entry))).toEqual(entry)
    expect(readSettingsText('{"tools":[]}')).toBe('{"tools":[]}')
  })

  it.each(['{', '', '{}', 'null', '[]', '"text"', '{"response":{"id":"resp_1"}}'])('that is %s is none of a reply', (value) => {
    expect([readKeptReply(value), readOwner(value)]).toEqual([undefined, undefined])
  })

  it('is none when a part is missing or of another kind', () => {
    const parts = [
      ...Object.keys(kept).map((name) => ({ ...kept, [name]: undefined })),
      { ...kept, response: {} },
      { ...kept, earlier: [1] },
      { ...kept, input: ['text'] },
      { ...kept, keeper: null },
      { ...kept, keeper: { provider: 'openai' } },
    ]
    for (const entry of parts) expect(readKeptReply(JSON.stringify(entry)), JSON.stringify(entry)).toBe(undefined)
    const owners = [
      { provider: 'openai' },
      { ...keeper, asked: null },
      { ...keeper, asked: { ...asked, model: 1 } },
      { ...keeper, asked: { ...asked, calls: [{ id: 'call_1', type: 'message' }] } },
      { ...keeper, asked: { ...asked, settings: {} } },
    ]
    for (const entry of owners) expect(readOwner(JSON.stringify(entry)), JSON.stringify(entry)).toBe(undefined)
    expect([readSettingsText('[]'), readSettingsText('{')]).toEqual([undefined, undefined])
  })
})
