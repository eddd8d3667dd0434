import type { Conversation, ModelFacts } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { conversation, encodeRequest, said } from './subject.ts'

const tool = { type: 'function', name: 'look' } as const

function encode(fields: Partial<Conversation>, facts?: ModelFacts) {
  return encodeRequest(conversation([said('user', 'hi')], fields), facts)
}

function unlimited(fields: Partial<Conversation> = {}, facts?: ModelFacts) {
  const { maxOutputTokens: _, ...rest } = conversation([said('user', 'hi')], fields)
  return encodeRequest(rest, facts)
}

describe('max_tokens', () => {
  it.each([
    [{}, 4096],
    [{ maxOutputTokens: 64_000 }, 64_000],
  ])('is made up from %j when the caller gave none', (facts, figure) => {
    const { body, losses } = unlimited({}, facts)
    expect(body.max_tokens).toBe(figure)
    expect(losses).toMatchObject([{ path: 'max_tokens', action: 'invented', severity: 'hint' }])
  })

  it('is lowered to what the model can write', () => {
    const { body, losses } = encode({ maxOutputTokens: 99_000 }, { maxOutputTokens: 8000 })
    expect(body.max_tokens).toBe(8000)
    expect(losses).toMatchObject([{ path: 'max_tokens', action: 'approximated' }])
  })
})

describe('sampling', () => {
  it('keeps what the provider takes, and the stop sequences that are not white space alone', () => {
    const { body, losses } = encode({ sampling: { topP: 0.4, topK: 5 }, stop: ['END', '\n', ''] })
    expect(body).toMatchObject({ top_p: 0.4, top_k: 5, stop_sequences: ['END'] })
    expect(losses).toMatchObject([{ path: 'stop', action: 'dropped', severity: 'semantic' }])
  })

  it('lowers a temperature to 1', () => {
    const { body, losses } = encode({ sampling: { temperature: 1.7 } })
    expect(body.temperature).toBe(1)
    expect(losses).toMatchObject([{ path: 'temperature', action: 'approximated', severity: 'semantic' }])
  })

  it('prefers the temperature where the caller gave a top_p too, because models reject both', () => {
    const both = encode({ sampling: { temperature: 0.3, topP: 0.4 } })
    expect(both.body).toMatchObject({ temperature: 0.3 })
    expect(both.body).not.toHaveProperty('top_p')
    expect(both.losses).toMatchObject([{ path: 'top_p', action: 'dropped' }])
    expect(encode({ sampling: { temperature: 0.3, topP: 1 } }).losses).toEqual([])
  })

  it('reports every knob that there is none for, and none that stands at its default', () => {
    const { losses } = encode({
      sampling: { seed: 1, frequencyPenalty: 0.5, presencePenalty: 0 },
      candidates: 3,
      logprobs: 0,
      verbosity: 'low',
      metadata: { a: 'b' },
      ext: { elsewhere: { logit_bias: { 5: 1 }, store: true, prompt_cache_key: 'k', safety_identifier: 's', stream_options: { x: 1 }, novel: 0, audio: null } },
    })
    expect(losses.map(({ path, action, severity }) => `${path} ${action} ${severity}`).sort()).toEqual(
      [
        'seed dropped hint',
        'frequency_penalty dropped semantic',
        'n dropped semantic',
        'logprobs dropped semantic',
        'verbosity dropped semantic',
        'metadata dropped hint',
        'logit_bias dropped semantic',
        'store dropped hint',
        'prompt_cache_key dropped hint',
        'safety_identifier dropped hint',
        'stream_options dropped hint',
        'novel dropped semantic',
      ].sort(),
    )
  })
})

describe('tools', () => {
  it('get a schema where they have none, and keep what they have', () => {
    const { body, losses } = encode({
      tools: [
        tool,
        { type: 'function', name: 'f', description: 'd', parameters: { properties: { a: {} } } },
        { type: 'function', name: 'g', parameters: { type: 'object', properties: { a: { type: 'integer', minimum: 1 } } }, strict: false },
      ],
    })
    expect(body.tools).toEqual([
      { name: 'look', input_schema: { type: 'object', properties: {} } },
      { name: 'f', description: 'd', input_schema: { type: 'object', properties: { a: {} } } },
      { name: 'g', input_schema: { type: 'object', properties: { a: { type: 'integer', minimum: 1 } } }, strict: false },
    ])
    expect(losses).toEqual([])
  })

  it('with an enforced schema keep the keywords that the provider enforces', () => {
    const parameters = {
      type: 'object',
      properties: { a: { type: 'integer', minimum: 1, description: 'Count.' } },
      required: ['a'],
      additionalProperties: false,
    }
    const { body, losses } = encode({ tools: [{ type: 'function', name: 'f', parameters, strict: true }] })
    expect(body.tools).toEqual([
      {
        name: 'f',
        strict: true,
        input_schema: {
          type: 'object',
          properties: { a: { type: 'integer', description: 'Count.\n\n{minimum: 1}' } },
          required: ['a'],
          additionalProperties: false,
        },
      },
    ])
    expect(losses).toMatchObject([{ path: 'tools[0].parameters', action: 'approximated', severity: 'semantic' }])
  })

  it('that take free text become functions with one argument', () => {
    const { body, losses } = encode({
      tools: [{ type: 'freeform', name: 'patch', description: 'Applies it.', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } }],
    })
    expect(body.tools).toMatchObject([{ name: 'patch', input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] } }])
    expect(JSON.stringify(body.tools)).toContain('lark')
    expect(losses).toMatchObject([{ path: 'tools[0]', feature: 'freeform-tool', action: 'approximated' }])
  })

  it('of one name are offered once', () => {
    const { body, losses } = encode({ tools: [tool, { ...tool, description: 'again' }] })
    expect(body.tools).toEqual([{ name: 'look', input_schema: { type: 'object', properties: {} } }])
    expect(losses).toMatchObject([{ path: 'tools[1]', feature: 'duplicate-tool', action: 'dropped' }])
  })

  it('that another provider runs are dropped', () => {
    const { body, losses } = encode({ tools: [{ type: 'foreign', protocol: 'elsewhere', kind: 'browser', value: {} }] })
    expect(body).not.toHaveProperty('tools')
    expect(losses).toMatchObject([{ path: 'tools[0]', feature: 'hosted-tool', severity: 'semantic' }])
  })

  it.each<[Partial<Conversation>, object]>([
    [{ toolChoice: { type: 'auto' } }, { type: 'auto' }],
    [{ toolChoice: { type: 'none' }, parallelToolCalls: false }, { type: 'none' }],
    [{ toolChoice: { type: 'required' } }, { type: 'any' }],
    [
      { toolChoice: { type: 'tool', name: 'look' }, parallelToolCalls: false },
      { type: 'tool', name: 'look', disable_parallel_tool_use: true },
    ],
    [{ parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
  ])('are chosen from by %j', (fields, choice) => {
    expect(encode({ tools: [tool], ...fields }).body.tool_choice).toEqual(choice)
  })

  it('get no choice where there is nothing to choose from', () => {
    expect(encode({ parallelToolCalls: true, tools: [tool] }).body).not.toHaveProperty('tool_choice')
    expect(encode({ toolChoice: { type: 'auto' } }).losses).toEqual([])
    expect(encode({ toolChoice: { type: 'required' } }).losses).toMatchObject([{ path: 'tool_choice', action: 'dropped', severity: 'semantic' }])
  })

  it('are cut down to those that may be called', () => {
    const { body } = encode({ tools: [tool, { type: 'function', name: 'other' }], toolChoice: { type: 'allowed', mode: 'required', names: ['look'] } })
    expect(body).toMatchObject({ tools: [{ name: 'look' }], tool_choice: { type: 'any' } })
    expect(body.tools).toHaveLength(1)
  })
})

describe('output, user and tier', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }

  it('asks for a schema in output_config', () => {
    const { body, losses } = encode({ output: { type: 'schema', schema, name: 'answer', strict: true } })
    expect(body.output_config).toEqual({ format: { type: 'json_schema', schema } })
    expect(losses).toMatchObject([{ path: 'response_format.name', severity: 'hint' }])
  })

  it('closes objects and moves what is not enforced into descriptions', () => {
    const open = {
      $schema: 'x',
      type: 'object',
      properties: {
        a: {
          oneOf: [
            { type: 'string', pattern: '^a' },
            { type: 'array', items: { type: 'object' }, minItems: 2 },
          ],
        },
      },
    }
    const { body, losses } = encode({ output: { type: 'schema', schema: open } })
    expect(body.output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            a: {
              anyOf: [
                { type: 'string', description: '{pattern: "^a"}' },
                { type: 'array', items: { type: 'object', additionalProperties: false }, description: '{minItems: 2}' },
              ],
            },
          },
          additionalProperties: false,
        },
      },
    })
    expect(losses).toMatchObject([
      { path: 'response_format.schema', feature: 'closed-schema', severity: 'hint' },
      { path: 'response_format.schema', feature: 'schema-keywords', severity: 'semantic' },
    ])
  })

  it.each(['definitions', '$defs'])('keeps %s, which references point to, and default values', (place) => {
    const person = { type: 'object', properties: { age: { type: 'integer', minimum: 0, default: 1 } } }
    const referring = { type: 'object', properties: { a: { $ref: `#/${place}/Person` } }, additionalProperties: false, [place]: { Person: person } }
    const { body, losses } = encode({ output: { type: 'schema', schema: referring } })
    const age = { type: 'integer', default: 1, description: '{minimum: 0}' }
    expect(body.output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: { ...referring, [place]: { Person: { type: 'object', properties: { age }, additionalProperties: false } } },
      },
    })
    expect(losses).toMatchObject([{ feature: 'closed-schema' }, { detail: 'Not enforced, or closed: minimum.' }])
  })

  it('reports a schema that the model cannot follow, and JSON without a schema', () => {
    expect(encode({ output: { type: 'schema', schema } }, { structuredOutput: false })).toMatchObject({
      losses: [{ feature: 'output-schema', action: 'dropped' }],
    })
    expect(encode({ output: { type: 'json' } })).toMatchObject({
      body: { system: 'Answer with one JSON object and nothing around it.' },
      losses: [{ feature: 'json-mode', action: 'approximated', severity: 'semantic' }],
    })
    expect(encode({ output: { type: 'text' } }).losses).toEqual([])
  })

  it('names the user, and no tier but the one that the provider knows', () => {
    expect(encode({ user: 'u-1', serviceTier: 'auto', stream: true }).body).toMatchObject({ metadata: { user_id: 'u-1' }, service_tier: 'auto', stream: true })
    const flex = encode({ serviceTier: 'flex', user: 'u'.repeat(300) })
    expect(flex.body).not.toHaveProperty('service_tier')
    expect(flex.losses.map(({ path, severity }) => [path, severity])).toEqual([
      ['user', 'hint'],
      ['service_tier', 'hint'],
    ])
  })
})
