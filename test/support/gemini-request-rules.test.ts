import { describe, expect, it } from 'vitest'
import { refuseGeminiRequest } from './gemini-request-rules.ts'
import type { Fields } from './json-fields.ts'
import { ownRecordings, type Recording, recordings } from './recordings.ts'
import { smallestRequest } from './sdk-readings.ts'

const text = (words: string) => ({ text: words })
const asks = (...parts: unknown[]) => ({ role: 'user', parts })
const says = (...parts: unknown[]) => ({ role: 'model', parts })
const user = asks(text('Hi'))
const call = (name: string, more: object = {}) => ({ functionCall: { name, args: {} }, ...more })
const result = (name: string, more: object = {}) => ({ functionResponse: { name, response: { output: 'x' }, ...more } })
const schema = { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'] }
const declaration = { name: 'f', parameters: schema }
const tools = [{ functionDeclarations: [declaration, { name: 'g' }] }]
const gemini = (contents: unknown, more: object = {}, model?: string) => refuseGeminiRequest({ contents, ...more }, model)
const withTool = (more: Fields) => ({ tools: [{ functionDeclarations: [{ ...declaration, ...more }] }] })
const withProperty = (property: unknown) => withTool({ parameters: { type: 'object', properties: { a: property } } })
const withMode = (mode: unknown, ...allowedFunctionNames: string[]) => ({
  tools,
  toolConfig: { functionCallingConfig: { mode, ...(allowedFunctionNames.length > 0 && { allowedFunctionNames }) } },
})
const generation = (generationConfig: Fields) => ({ generationConfig })

describe('refuseGeminiRequest', () => {
  it('accepts what the vendor accepted', () => {
    const accepted = ({ request, status }: Recording) => request !== undefined && status === 200
    const all = [...recordings('gemini'), ...ownRecordings('gemini')].filter(accepted)
    expect(all.length).toBeGreaterThan(10)
    const model = ({ requestPath }: Recording) => /models\/([^:]+):/.exec(requestPath ?? '')?.[1]
    for (const recording of all) expect(refuseGeminiRequest(recording.request, model(recording)), recording.id).toBeUndefined()
    const { model: _, ...smallest } = smallestRequest('gemini')
    expect(refuseGeminiRequest(smallest)).toBeUndefined()
  })

  it('refuses what the vendor refused, in its words', () => {
    const refused = recordings('gemini').filter(({ id }) => /invalid_(role|temperature)$/.test(id))
    for (const { id, request, body } of refused) expect(body.toString(), id).toContain(refuseGeminiRequest(request))
  })

  it('accepts a round of two calls, with the answers in another order, as neighbours of one role, and with an image beside them', () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } }
    expect(gemini([user, says(text('x'), call('f'), call('g')), asks(result('g'), result('f'), image)], { tools })).toBeUndefined()
    expect(gemini([user, says(call('f')), says(call('g')), asks(result('f')), asks(result('g'))], { tools })).toBeUndefined()
    expect(gemini([user, says(call('f')), asks(result('f', { id: 'made-up', parts: [image] })), says(text('x')), user], { tools })).toBeUndefined()
  })

  it('accepts fields as they are declared, small letters and numbers in enums, nulls, and numbers as text', () => {
    const declared = { name: 'f', description: null, parameters: { type: 'object', properties: { a: { type: 3 } } } }
    const config = { max_output_tokens: '100', response_mime_type: 'application/json', response_schema: { type: 'string' }, temperature: null }
    const body = { system_instruction: { parts: [text('x')] }, tools: [{ function_declarations: [declared] }], generation_config: config }
    expect(gemini([asks({ inline_data: { mime_type: 'image/png', data: 'AAAA' } })], body)).toBeUndefined()
  })

  it('accepts every mode, and JSON Schema with all of its words where that is taken', () => {
    for (const mode of ['AUTO', 'ANY', 'NONE', 'VALIDATED']) expect(gemini([user], withMode(mode))).toBeUndefined()
    for (const mode of ['ANY', 'VALIDATED']) expect(gemini([user], withMode(mode, 'f', 'g'))).toBeUndefined()
    const json = { $schema: 'x', type: 'object', additionalProperties: false, properties: { a: { type: 'integer', exclusiveMinimum: 0, const: 1 } } }
    expect(gemini([user], withTool({ parameters: undefined, parametersJsonSchema: json }))).toBeUndefined()
    expect(gemini([user], generation({ responseMimeType: 'application/json', responseJsonSchema: json }))).toBeUndefined()
  })

  it('keeps the rules of the model in the address', () => {
    const round = [user, says(call('f'), call('g')), asks(result('f'), result('g'))]
    const signed = [user, says(call('f', { thoughtSignature: 'AAAA' }), call('g')), asks(result('f'), result('g'))]
    expect(gemini(round, { tools }, 'gemini-2.5-flash')).toBeUndefined()
    expect(gemini(round, { tools }, 'gemini-3-pro-preview')).toMatch(/missing a thought_signature.*default_api:f` , position 2/)
    expect(gemini(signed, { tools }, 'gemini-3-pro-preview')).toBeUndefined()
    expect(gemini([...round, says(text('x')), user], { tools }, 'gemini-3-pro-preview')).toBeUndefined()
    expect(gemini([user], generation({ thinkingConfig: { thinkingLevel: 'LOW' } }), 'gemini-2.5-flash')).toMatch(/not supported for this model/)
    expect(gemini([user], generation({ thinkingConfig: { thinkingLevel: 'LOW' } }), 'gemini-3-pro-preview')).toBeUndefined()
  })

  it.each<[unknown, object, RegExp]>([
    [[], {}, /contents is not specified/],
    [undefined, {}, /contents is not specified/],
    ['Hi', {}, /repeated field/],
    [[user], { stream: true }, /Unknown name "stream": Cannot find field/],
    [[user], { messages: [] }, /Unknown name "messages"/],
    [[user], { max_tokens: 1 }, /Unknown name "max_tokens"/],
    [[{ ...user, name: 'bob' }], {}, /Unknown name "name" at 'contents\[0\]'/],
    [[asks({ ...text('x'), cache_control: {} })], {}, /Unknown name "cache_control" at 'contents\[0\]\.parts\[0\]'/],
    [[{ role: 'assistant', parts: [text('x')] }], {}, /valid role: user, model/],
    [[{ role: 'system', parts: [text('x')] }], {}, /valid role: user, model/],
    [[says(text('x')), user], {}, /first turn is a user turn/],
    [[asks()], {}, /contents\[0\]\.parts: contents\.parts must not be empty/],
    [[{ role: 'user' }], {}, /contents\.parts must not be empty/],
    [[{ role: 'user', content: 'Hi' }], {}, /Unknown name "content"/],
    [[asks({})], {}, /parts\[0\]\.data: required oneof field 'data'/],
    [[user, says({ thought: true })], {}, /required oneof field 'data'/],
    [[asks({ text: null })], {}, /required oneof field 'data'/],
    [[asks({ text: 'x', inlineData: { mimeType: 'image/png', data: 'AAAA' } })], {}, /\(oneof\), oneof field 'data' is already set/],
    [[asks({ text: 7 })], {}, /Invalid value at 'contents\[0\]\.parts\[0\]\.text' \(TYPE_STRING\), 7/],
    [[asks({ inlineData: { data: 'AAAA' } })], {}, /inline_data\.mime_type/],
    [[asks({ inlineData: { mimeType: 'image/png', data: '' } })], {}, /inline_data\.data/],
    [[asks({ inlineData: { mimeType: 'image/png', data: 'data:image/png;base64,AAAA' } })], {}, /Base64 decoding failed/],
    [[asks({ fileData: { mimeType: 'image/png' } })], {}, /file_uri/],
    [[user, says({ ...text('x'), thoughtSignature: 'a b' })], {}, /thought_signature' \(TYPE_BYTES\), Base64/],
    [[asks(call('f'))], {}, /function call turns come from the model/],
    [[user, says(result('f'))], {}, /function response turns come from the user/],
    [[user, says(call(''))], {}, /function_call\.name: Name cannot be empty/],
    [[user, says({ functionCall: { name: 'f', args: '{}' } })], {}, /args' \(TYPE_STRUCT\)/],
    [[user, says({ functionCall: { name: 'f', arguments: {} } })], {}, /Unknown name "arguments"/],
    [[user, says(call('f')), asks({ functionResponse: { response: {} } })], {}, /function_response\.name: Name cannot be empty/],
    [[user, says(call('f')), asks({ functionResponse: { name: 'f' } })], {}, /function_response\.response/],
    [[user, says(call('f')), asks({ functionResponse: { name: 'f', response: 'x' } })], {}, /response' \(TYPE_STRUCT\)/],
    [[user, says(call('f')), asks({ functionResponse: { name: 'f', response: [] } })], {}, /not repeating, cannot start list/],
    [[user, says(call('f'))], {}, /number of function response parts/],
    [[user, says(call('f')), user], {}, /number of function response parts/],
    [[user, says(call('f'), call('g')), asks(result('f'))], {}, /number of function response parts/],
    [[user, says(call('f')), asks(result('f'), result('f'))], {}, /number of function response parts/],
    [[user, says(call('f')), asks(result('g'))], {}, /have the names/],
    [[user, says({ functionCall: { id: '1', name: 'f' } }), asks(result('f', { id: '2' }))], {}, /have the ids/],
    [[asks(result('f'))], {}, /immediately after a function call turn/],
    [[user, says(text('x')), asks(result('f'))], {}, /immediately after a function call turn/],
    [[user], { systemInstruction: 'x' }, /system_instruction' \(Content\)/],
    [[user], { systemInstruction: { parts: [] } }, /system_instruction\.parts/],
    [[user], { systemInstruction: { parts: [{}] } }, /system_instruction\.parts\[0\]\.data/],
    [[user], { systemInstruction: { parts: [{ fileData: { fileUri: 'x' } }] } }, /text only/],
    [[user], { tools: {} }, /repeated field/],
    [[user], { tools: [{ type: 'function', name: 'f' }] }, /Unknown name "type" at 'tools\[0\]'/],
    [[user], withTool({ name: 'a b' }), /Invalid function name/],
    [[user], withTool({ name: '1a' }), /Invalid function name/],
    [[user], withTool({ name: `a${'b'.repeat(64)}` }), /Invalid function name/],
    [[user], { tools: [...tools, ...tools] }, /Duplicate function declaration found: f/],
    [[user], withTool({ strict: true }), /Unknown name "strict" at 'tools\[0\]\.function_declarations\[0\]'/],
    [[user], withTool({ parametersJsonSchema: {} }), /only one of parameters/],
    [[user], withTool({ parameters: { type: 'STRING' } }), /should be of type OBJECT/],
    [[user], withTool({ parameters: undefined, parametersJsonSchema: { type: 'string' } }), /should be of type OBJECT/],
    ...'$schema additionalProperties $defs allOf oneOf patternProperties'
      .split(' ')
      .map((word): [unknown, object, RegExp] => [
        [user],
        withTool({ parameters: { ...schema, [word]: {} } }),
        /Unknown name "\S+" at 'tools\[0\]\.function_declarations\[0\]\.parameters': Cannot find field/,
      ]),
    ...'exclusiveMinimum exclusiveMaximum multipleOf const $ref not uniqueItems'
      .split(' ')
      .map((word): [unknown, object, RegExp] => [
        [user],
        withProperty({ type: 'integer', [word]: 1 }),
        /Unknown name "\S+" at 'tools\[0\]\.function_declarations\[0\]\.parameters\.properties\[0\]\.value'/,
      ]),
    [[user], withProperty({ type: ['string', 'null'] }), /not repeating, cannot start list/],
    [[user], withProperty({ type: 'any' }), /Invalid value at .*Type/],
    [[user], withProperty({ type: 'array' }), /properties\[a\]\.items: missing field/],
    [[user], withProperty({ type: 'integer', enum: ['1'] }), /enum: only allowed for STRING type/],
    [[user], withProperty({ type: 'string', enum: [1] }), /enum\[0\]' \(TYPE_STRING\)/],
    [[user], withProperty({ type: 'string', format: 'uri' }), /only 'enum' and 'date-time' are supported for STRING type/],
    [[user], withProperty({ type: 'object', required: ['b'] }), /required\[0\]: property is not defined/],
    [[user], withMode('REQUIRED'), /Invalid value at 'tool_config\.function_calling_config\.mode'/],
    [[user], withMode('AUTO', 'f'), /only be set when function calling mode is ANY/],
    [[user], withMode('ANY', 'h'), /not declared: h/],
    [[user], { ...withMode('ANY'), tools: undefined }, /without function_declarations/],
    [[user], { toolConfig: { mode: 'ANY' } }, /Unknown name "mode" at 'tool_config'/],
    [[user], generation({ maxTokens: 1 }), /Unknown name "maxTokens" at 'generation_config'/],
    [[user], generation({ temperature: 'warm' }), /generation_config\.temperature' \(TYPE_FLOAT\)/],
    [[user], generation({ temperature: 2.5 }), /temperature value of 2\.5/],
    [[user], generation({ topP: 1.5 }), /top_p/],
    [[user], generation({ topK: 0 }), /top_k/],
    [[user], generation({ seed: 1.5 }), /seed' \(TYPE_INT\)/],
    [[user], generation({ candidateCount: 9 }), /candidate_count/],
    [[user], generation({ maxOutputTokens: 0 }), /max_output_tokens must be positive/],
    [[user], generation({ stopSequences: ['1', '2', '3', '4', '5', '6'] }), /must not exceed 5/],
    [[user], generation({ stopSequences: 'x' }), /repeated field/],
    [[user], generation({ stopSequences: [''] }), /empty string/],
    [[user], generation({ logprobs: 3 }), /response_logprobs/],
    [[user], generation({ responseModalities: ['text', 'smell'] }), /response_modalities\[1\]/],
    [[user], generation({ responseSchema: { type: 'STRING' } }), /needs the mimetype/],
    [[user], generation({ responseJsonSchema: {} }), /needs the mimetype/],
    [[user], generation({ responseMimeType: 'application/json', responseSchema: schema, responseJsonSchema: {} }), /Only one of response_schema/],
    [
      [user],
      generation({ responseMimeType: 'application/json', responseSchema: { ...schema, $schema: 'x' } }),
      /Unknown name "\$schema" at 'generation_config\.response_schema'/,
    ],
    [[user], generation({ responseMimeType: 'text/html' }), /allowed mimetypes/],
    [[user], generation({ thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'LOW' } }), /only one of thinking budget and thinking level/],
    [[user], generation({ thinkingConfig: { thinkingBudget: -2 } }), /thinking budget is invalid/],
    [[user], generation({ thinkingConfig: { thinkingLevel: 'XHIGH' } }), /thinking_level/],
    [[user], { cachedContent: 'cachedContents/1', tools }, /CachedContent can not be used/],
    [[user], { safetySettings: [{ category: 'HARM_CATEGORY_RUDENESS', threshold: 'OFF' }] }, /safety_settings\[0\]\.category/],
    [[user], { safetySettings: [{ threshold: 'OFF' }] }, /category must be set/],
    [[user], { safetySettings: ['OFF', 'BLOCK_NONE'].map((threshold) => ({ category: 'HARM_CATEGORY_HARASSMENT', threshold })) }, /more than one setting/],
  ])('refuses %j with %j', (contents, more, reason) => {
    expect(gemini(contents, more)).toMatch(reason)
  })
})
