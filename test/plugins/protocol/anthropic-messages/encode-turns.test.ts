import { describe, expect, it } from 'vitest'
import { answered, called, conversation, encodeRequest, said } from './subject.ts'

const noResult = { content: 'No result was given for this tool call.', is_error: true }

describe('system text of another protocol', () => {
  it('goes to the top when it leads, in order, whatever role it had', () => {
    const { body, losses } = encodeRequest(conversation([said('system', 'One.'), said('developer', 'Two.'), said('user', 'hi')]))
    expect(body.system).toEqual([
      { type: 'text', text: 'One.' },
      { type: 'text', text: 'Two.' },
    ])
    expect(body.messages).toEqual([{ role: 'user', content: 'hi' }])
    expect(losses).toEqual([])
  })

  it('follows the instructions that stand outside of the turns', () => {
    const { body } = encodeRequest(conversation([said('user', 'hi')], { instructions: [{ type: 'text', text: 'Top.' }], instructionsForm: 'text' }))
    expect(body.system).toBe('Top.')
  })

  it('stands as a reminder at its place when the conversation has begun', () => {
    const { messages, losses } = encodeRequest(conversation([said('user', 'hi'), said('assistant', 'ho'), said('user', 'go on'), said('system', 'Be brief.')]))
    expect(messages[2]).toEqual({
      role: 'user',
      content: [
        { type: 'text', text: 'go on' },
        { type: 'text', text: '<system-reminder>\nBe brief.\n</system-reminder>' },
      ],
    })
    expect(losses).toMatchObject([{ path: 'messages[3].content[0]', feature: 'system-turn', action: 'approximated', severity: 'hint' }])
  })
})

describe('turns of another protocol', () => {
  it('are merged in order where one role follows itself', () => {
    const { messages } = encodeRequest(conversation([said('user', 'a'), said('user', 'b'), said('assistant', 'c'), said('assistant', 'd'), said('user', 'e')]))
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(messages[1]?.content).toEqual([
      { type: 'text', text: 'c' },
      { type: 'text', text: 'd' },
    ])
  })

  it.each([
    ['an assistant', [said('assistant', 'Hello.'), said('user', 'hi')], 'Continue.'],
    ['nobody but the system', [said('system', 'Write a poem.')], 'Begin.'],
  ])('that %s begins get a first word of the user, which is reported', (_who, turns, word) => {
    const { messages, losses } = encodeRequest(conversation(turns))
    expect(messages[0]).toEqual({ role: 'user', content: word })
    expect(losses).toMatchObject([{ path: 'messages', action: 'invented', severity: 'semantic' }])
  })

  it('lose texts without a word, which the provider rejects', () => {
    const { messages, losses } = encodeRequest(conversation([said('user', 'a', '', ' \n'), said('assistant', ''), said('user', 'b')]))
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ])
    expect(losses.map(({ path, feature, severity }) => [path, feature, severity])).toEqual([
      ['messages[0].content[1]', 'empty-text', 'hint'],
      ['messages[0].content[2]', 'empty-text', 'hint'],
      ['messages[1].content[0]', 'empty-text', 'hint'],
    ])
  })

  it('that end in the assistant’s words lose the white space behind them', () => {
    const { messages, losses } = encodeRequest(conversation([said('user', 'a'), said('assistant', 'The answer is \n')]))
    expect(messages[1]).toEqual({ role: 'assistant', content: 'The answer is' })
    expect(losses).toMatchObject([{ feature: 'trailing-space', action: 'approximated' }])
  })

  it('lose the thoughts that they end in, each at its place in the caller’s conversation', () => {
    const thought = (value: string) => ({ type: 'reasoning', text: 'hm', sealed: { issuer: 'anthropic-messages', value } }) as const
    const turns = [
      said('system', 'Be brief.'),
      said('developer', 'Be kind.'),
      said('user', 'a'),
      said('assistant', 'b', thought('1')),
      said('assistant', '', thought('2')),
      said('user', 'c'),
      said('assistant', thought('3')),
      said('user', 'd'),
    ]
    const { messages, losses } = encodeRequest(conversation(turns))
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'a'],
      ['assistant', 'b'],
      [
        'user',
        [
          { type: 'text', text: 'c' },
          { type: 'text', text: 'd' },
        ],
      ],
    ])
    expect(losses.filter(({ feature }) => feature === 'reasoning-seal').map(({ path }) => path)).toEqual([
      'messages[3].content[1]',
      'messages[4].content[1]',
      'messages[6].content[0]',
    ])
  })

  it('keep only thoughts that are signed, and those as they were given, hidden ones too', () => {
    const signed = { type: 'reasoning', text: 'hm', sealed: { issuer: 'anthropic-messages', value: 'sig' } } as const
    const hidden = { type: 'reasoning', text: '', redacted: true, sealed: { issuer: 'anthropic-messages', value: 'data' } } as const
    const silent = { type: 'reasoning', text: '', sealed: { issuer: 'anthropic-messages', value: 'alone' } } as const
    const unsigned = { type: 'reasoning', text: 'hm' } as const
    const { messages, losses } = encodeRequest(
      conversation([said('user', 'a'), said('assistant', unsigned, { ...unsigned, redacted: true }, signed, hidden, silent, 'b'), said('user', 'c')]),
    )
    expect(messages[1]?.content).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'redacted_thinking', data: 'data' },
      { type: 'thinking', thinking: '', signature: 'alone' },
      { type: 'text', text: 'b' },
    ])
    expect(losses.map(({ path, feature, severity }) => [path, feature, severity])).toEqual([
      ['messages[1].content[0]', 'reasoning', 'hint'],
      ['messages[1].content[1]', 'reasoning', 'hint'],
    ])
  })

  it('do not end in thoughts, and are gone when they hold nothing else', () => {
    const signed = { type: 'reasoning', text: 'hm', sealed: { issuer: 'anthropic-messages', value: 'sig' } } as const
    const { messages, losses } = encodeRequest(
      conversation([said('user', 'a'), said('assistant', signed), said('user', 'b'), said('assistant', signed, 'c', signed), said('user', 'd')]),
    )
    expect(messages).toMatchObject([
      { role: 'user', content: [{ text: 'a' }, { text: 'b' }] },
      { role: 'assistant', content: [{ type: 'thinking' }, { type: 'text', text: 'c' }] },
      { role: 'user', content: 'd' },
    ])
    expect(losses.map(({ path, feature }) => [path, feature])).toEqual([
      ['messages[1].content[0]', 'reasoning-seal'],
      ['messages[3].content[2]', 'reasoning-seal'],
    ])
  })

  it('lose a participant’s name and another protocol’s fields, one report each', () => {
    const turn = {
      ...said('user', { type: 'text', text: 'a', ext: { elsewhere: { cache_control: {}, shade: 'red' } } }),
      name: 'Ann',
      ext: { elsewhere: { audio: null, weight: 2 } },
    }
    const { losses } = encodeRequest(conversation([turn]))
    expect(losses.map(({ path, severity }) => [path, severity])).toEqual([
      ['messages[0].weight', 'semantic'],
      ['messages[0].name', 'semantic'],
      ['messages[0].content[0].shade', 'semantic'],
    ])
  })
})

describe('calls and results of another protocol', () => {
  it('stand in one user message behind the calls, in the order in which the results came, in front of what the user says', () => {
    const { messages, losses } = encodeRequest(
      conversation([
        said('user', 'both'),
        said('assistant', 'I look.', called('c1', 'look', '{"at":1}'), called('c2', 'look', '{"at":2}')),
        said('tool', answered('c2', 'two')),
        said('tool', answered('c1', 'one')),
        said('user', 'thanks'),
      ]),
    )
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'c1', name: 'look', input: { at: 1 } },
          { type: 'tool_use', id: 'c2', name: 'look', input: { at: 2 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c2', content: 'two' },
          { type: 'tool_result', tool_use_id: 'c1', content: 'one' },
          { type: 'text', text: 'thanks' },
        ],
      },
    ])
    expect(losses).toEqual([])
  })

  it('put results first even when the user spoke before them', () => {
    const { messages } = encodeRequest(conversation([said('user', 'go'), said('assistant', called('c')), said('user', 'wait'), said('tool', answered('c'))]))
    expect(messages[2]?.content).toMatchObject([{ type: 'tool_result' }, { type: 'text', text: 'wait' }])
  })

  it.each([
    ['the conversation goes on', [said('user', 'well?')], [{ type: 'text', text: 'well?' }]],
    ['nothing follows', [], []],
  ])('get a result that says there is none when %s', (_when, after, rest) => {
    const { messages, losses } = encodeRequest(
      conversation([said('user', 'go'), said('assistant', called('c1'), called('c2')), said('tool', answered('c2')), ...after]),
    )
    expect(messages[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 'c2', content: 'seen' },
      { type: 'tool_result', tool_use_id: 'c1', ...noResult },
      ...rest,
    ])
    expect(losses).toMatchObject([{ path: 'messages[1].content[0]', feature: 'tool-result', action: 'invented', severity: 'semantic' }])
  })

  it('turn a result without its call into text', () => {
    const { messages, losses } = encodeRequest(conversation([said('user', 'go'), said('tool', answered('lost', 'found'))]))
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'go' },
          { type: 'text', text: 'Result of the tool call lost:\nfound' },
        ],
      },
    ])
    expect(losses).toMatchObject([{ path: 'messages[1].content[0]', action: 'approximated', severity: 'semantic' }])
  })

  it('map ids that the provider rejects to the same legal ones in call and result', () => {
    const { messages } = encodeRequest(
      conversation([
        said('user', 'go'),
        said('assistant', called('call:1|x'), called('call_1_x'), called('')),
        said('tool', answered(''), answered('call:1|x'), answered('call_1_x')),
      ]),
    )
    const [, { content: used } = {}, { content: given } = {}] = messages
    const calls = (used as unknown as { id: string }[]).map(({ id }) => id)
    const results = (given as unknown as { tool_use_id: string }[]).map(({ tool_use_id }) => tool_use_id)
    for (const id of calls) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
    expect(new Set(calls).size).toBe(3)
    expect(results).toEqual([calls[2], calls[0], calls[1]])
  })

  it('keep apart calls of several turns that a host numbered alike', () => {
    const round = [said('assistant', called('call_0')), said('tool', answered('call_0'))]
    const { messages } = encodeRequest(conversation([said('user', 'go'), ...round, ...round]))
    expect(messages.map(({ content }) => content)).toMatchObject([
      'go',
      [{ id: 'call_0' }],
      [{ tool_use_id: 'call_0' }],
      [{ id: 'call_0_2' }],
      [{ tool_use_id: 'call_0_2' }],
    ])
  })

  it.each([
    ['', {}, 0],
    ['{"a":{"b":[1]}}', { a: { b: [1] } }, 0],
    ['[1,2]', { input: [1, 2] }, 1],
    ['"text"', { input: 'text' }, 1],
    ['{"cut', { input: '{"cut' }, 1],
  ])('write the arguments %j as the object that the provider demands', (text, input, reports) => {
    const { messages, losses } = encodeRequest(conversation([said('user', 'go'), said('assistant', called('c', 'f', text)), said('tool', answered('c'))]))
    expect(messages[1]?.content).toMatchObject([{ input }])
    expect(losses.filter(({ feature }) => feature === 'tool-arguments')).toHaveLength(reports)
  })

  it('carry images and errors in results', () => {
    const result = {
      type: 'tool-result',
      callId: 'c',
      isError: true,
      form: 'blocks',
      content: [
        { type: 'text', text: '' },
        { type: 'media', kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } },
      ],
    } as const
    const { messages } = encodeRequest(conversation([said('user', 'go'), said('assistant', called('c')), said('tool', result)]))
    expect(messages[2]?.content).toEqual([
      {
        type: 'tool_result',
        tool_use_id: 'c',
        content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }],
        is_error: true,
      },
    ])
  })
})
