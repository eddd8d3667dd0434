import fc from 'fast-check'
import { GatewayError } from 'tokligence'
import { expect, it } from 'vitest'
import { mangled } from '../../../support/mangled-json.ts'
import { ownRecordings } from '../../../support/recordings.ts'
import { agentRequest } from './agent-request.ts'
import { roundTrip } from './request-subject.ts'

const schema = { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } }, propertyOrdering: ['a'], required: ['a'] }

/** A request with every field that has a neutral name. */
const full = {
  model: 'models/gemini-test',
  system_instruction: { role: 'user', parts: [{ text: 'Be kind.' }] },
  contents: [
    { parts: { text: 'Hi' } },
    { role: 'model', parts: [{ text: 'Hm.', thought: true, thoughtSignature: 'c2ln' }, { function_call: { name: 'get', args: { a: 1 }, id: '1' } }] },
    {
      role: 'function',
      parts: [{ functionResponse: { name: 'get', response: { output: 'x' }, parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] } }],
    },
    { role: 'user', parts: [{ inline_data: { mime_type: 'application/pdf', data: 'JVBERi0=' } }, { fileData: { fileUri: 'https://a.example/b.png' } }] },
  ],
  tools: [
    {
      functionDeclarations: [
        { name: 'get', parameters: schema },
        { name: 'put', parametersJsonSchema: { type: 'object' } },
      ],
      google_search: {},
    },
    { urlContext: {} },
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['get'] }, retrievalConfig: { languageCode: 'de' } },
  generationConfig: {
    temperature: 1,
    topK: '64',
    maxOutputTokens: 100,
    stopSequences: ['END'],
    responseLogprobs: true,
    logprobs: 2,
    responseMimeType: 'application/json',
    response_schema: schema,
    thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
    mediaResolution: 'MEDIA_RESOLUTION_LOW',
  },
  safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }],
  serviceTier: 'flex',
}

const originals = [full, agentRequest, ...ownRecordings('gemini').flatMap(({ request }) => (request ? [request] : []))]

it.each(originals.map((request, index) => ({ index, request })))('writes request $index back as it was', ({ request }) => {
  expect(roundTrip(request)).toEqual({ again: request, losses: [] })
})

it('refuses a body with the path of what is wrong in it, or writes it back as it was', () => {
  const counts = { read: 0, refused: 0 }
  fc.assert(
    fc.property(mangled([full, agentRequest, ...originals]), (body) => {
      if (typeof body !== 'object' || body === null || Array.isArray(body)) return
      // Values off the wire have no undefined, and no -0.
      const sent: unknown = JSON.parse(JSON.stringify(body).replaceAll('-0', '0'))
      try {
        expect(roundTrip(sent)).toEqual({ again: sent, losses: [] })
        counts.read++
      } catch (error) {
        if (!GatewayError.is(error)) throw error
        expect(error).toMatchObject({ code: 'TKL_REQUEST_INVALID', options: { param: expect.stringMatching(/^[a-zA-Z]+/) } })
        counts.refused++
      }
    }),
    { numRuns: 2_000 },
  )
  expect(counts.read).toBeGreaterThan(100)
  expect(counts.refused).toBeGreaterThan(100)
})
