import { describe, expect, it } from 'vitest'
import { decodeRequest } from './request-subject.ts'

const parts = (part: unknown) => ({ contents: [{ role: 'user', parts: [part] }] })
const tool = (declaration: unknown) => ({ contents: [], tools: [{ functionDeclarations: [declaration] }] })
const config = (generationConfig: unknown) => ({ contents: [], generationConfig })

describe('a request with a mistake', () => {
  it.each<[object, string]>([
    [{ contents: 'Hi' }, 'contents'],
    [{ contents: ['Hi'] }, 'contents[0]'],
    [{ contents: [{ role: 'assistant', parts: [] }] }, 'contents[0].role'],
    [{ contents: [{ role: 1 }] }, 'contents[0].role'],
    [{ contents: [{ parts: 'Hi' }] }, 'contents[0].parts'],
    [parts('Hi'), 'contents[0].parts[0]'],
    [parts({ text: 1 }), 'contents[0].parts[0].text'],
    [parts({ functionCall: { args: {} } }), 'contents[0].parts[0].functionCall.name'],
    [parts({ function_response: { name: 'a', response: 'x' } }), 'contents[0].parts[0].functionResponse.response'],
    [{ contents: [], systemInstruction: 1 }, 'systemInstruction'],
    [{ contents: [], system_instruction: { parts: [{ text: {} }] } }, 'systemInstruction.parts[0].text'],
    [{ contents: [], tools: ['x'] }, 'tools[0]'],
    [tool({}), 'tools[0].functionDeclarations[0].name'],
    [tool({ name: 'a', parameters: [] }), 'tools[0].functionDeclarations[0].parameters'],
    [tool({ name: 'a', parameters_json_schema: 'x' }), 'tools[0].functionDeclarations[0].parametersJsonSchema'],
    [{ contents: [], toolConfig: { functionCallingConfig: { allowedFunctionNames: [1] } } }, 'toolConfig.functionCallingConfig.allowedFunctionNames[0]'],
    [config([]), 'generationConfig'],
    [config({ temperature: 'hot' }), 'generationConfig.temperature'],
    [config({ maxOutputTokens: 1.5 }), 'generationConfig.maxOutputTokens'],
    [config({ stopSequences: 'END' }), 'generationConfig.stopSequences'],
    [config({ responseSchema: 'x' }), 'generationConfig.responseSchema'],
    [config({ thinkingConfig: { thinkingBudget: 'much' } }), 'generationConfig.thinkingConfig.thinkingBudget'],
    [config({ responseFormat: [1] }), 'generationConfig.responseFormat[0]'],
    [{ contents: [], serviceTier: {} }, 'serviceTier'],
    [{ contents: [], model: 1 }, 'model'],
  ])('%j names the field at fault', (body, param) => {
    expect(() => decodeRequest(body)).toThrowError(expect.objectContaining({ code: 'TKL_REQUEST_INVALID', options: { param } }))
  })

  it('is told every type that a field may have', () => {
    expect(() => decodeRequest({ contents: [], systemInstruction: 5 })).toThrow('"systemInstruction" must be an object with parts, or a string.')
  })
})
