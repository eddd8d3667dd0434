import type { Block, Turn } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { copyKey, saidLast } from '../../../../plugins/seal/signed-seals/copy-key.ts'
import { call } from '../../../core/conversation/sealed-blocks.ts'

const turn = (role: Turn['role'], ...blocks: Block[]): Turn => ({ role, blocks, form: 'blocks' })
const text = (words: string): Block => ({ type: 'text', text: words })
const key = (id: string, said = '', argumentsText = '{}') => copyKey({ ...call(id), argumentsText }, said)

describe('the key of a copy', () => {
  it.each([
    'toolu_01A09q90qw90lq917835lq9',
    'call_9f8e7d6c5b4a39281706f5e4',
    'fc_018f3a5b-7c2d-7e1f-9a0b-1c2d3e4f5a6b',
    'chatcmpl-tool-3f1c8a0b2d4e6f708192a3b4c5d6e7f8',
  ])('is the id alone where nobody gives it twice: %s', (id) => {
    expect(key(id, 'one')).toBe(`seal:${id}`)
  })

  it.each(['call_1', 'tool_0_look', 'functions.list_directory_contents:0', 'call_00000000000000001', 'getWeatherForTomorrow', 'tool_0_lookupCustomerOrderV2'])(
    'tells apart what is asked and what was said before where hosts number calls: %s',
    (id) => {
      const keys = [key(id, 'one'), key(id, 'two'), key(id, 'one', '{"place":1}')]
      expect(new Set(keys).size).toBe(3)
      expect(key(id, 'one', '{"a": 1, "b": [ {"c":2,"d":3} ]}')).toBe(key(id, 'one', '{"b":[{"d":3,"c":2}],"a":1}'))
    },
  )

  it.each(['tool_0_lookup2024Orders2025x', 'functions.lookup2024Orders2025x:0'])('is not the id alone for the tool’s own name: %s', (id) => {
    const named = { ...call(id), name: 'lookup2024Orders2025x' }
    expect(copyKey(named, 'one')).not.toBe(copyKey(named, 'two'))
  })

  it('fits into a store, however long the id is', () => {
    expect(key('x1'.repeat(2_000)).length).toBeLessThan(512)
  })
})

describe('what was said last', () => {
  const before = [turn('user', text('Look.')), turn('assistant', call('call_1'))]
  const result: Block = { type: 'tool-result', callId: 'call_1', content: [text('Seen.')], form: 'text' } as Block

  it('is what came since the assistant spoke, whatever came before', () => {
    expect(saidLast([...before, turn('tool', result)])).toBe(saidLast([turn('tool', result)]))
    expect(saidLast([...before, turn('tool', result)])).not.toBe(saidLast([turn('tool', { ...result, callId: 'call_2' } as Block)]))
  })

  it('is the same without what clients change: system turns, markers, roles of results', () => {
    const marked = { ...text('Go on.'), ext: { elsewhere: { cache_control: {} } } } as Block
    expect(saidLast([turn('user', result, marked), turn('system', text('It is late.'))])).toBe(saidLast([turn('tool', result), turn('user', text('Go on.'))]))
  })
})
