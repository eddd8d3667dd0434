import fc from 'fast-check'
import type { Block, Candidate, Json, JsonObject, Reply } from 'tokligence'

export const word = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
const signature = fc.constantFrom('c2ln', 'AQID', 'c2lnbmF0dXJl')
// JSON text, because values off the wire have no -0.
export const anything = fc.json({ maxDepth: 2 }).map((json) => JSON.parse(json.replaceAll('-0', '0')) as Json)
const args = fc.dictionary(word, anything, { maxKeys: 3 })

function fields(required: Readonly<Record<string, fc.Arbitrary<unknown>>>, optional: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}) {
  const nullable = Object.fromEntries(Object.entries(optional).map(([name, value]) => [name, fc.oneof({ weight: 4, arbitrary: value }, fc.constant(null))]))
  const all: Readonly<Record<string, fc.Arbitrary<unknown>>> = { ...required, ...nullable }
  return fc.record(all, { requiredKeys: Object.keys(required) }) as fc.Arbitrary<JsonObject>
}

const thoughtSignature = signature

/** Parts as the API writes them, in all their kinds. */
export const part: fc.Arbitrary<JsonObject> = fc.oneof(
  fields({ text: fc.oneof(word, fc.constant('')) }, { thought: fc.boolean(), thoughtSignature, unknown: anything }),
  fields({ functionCall: fields({ name: word }, { id: word, args, unknown: anything }) }, { thoughtSignature }),
  fields({ function_call: fields({ name: word, args }) }, { thought_signature: signature }),
  fields({ inlineData: fields({ mimeType: fc.constantFrom('image/png', 'audio/wav'), data: fc.constantFrom('AA==', 'a-_b', '') }) }, { thoughtSignature }),
  fields({ executableCode: fields({ code: word }, { language: fc.constant('PYTHON'), id: word }) }, { thoughtSignature }),
  fields({ codeExecutionResult: fields({}, { outcome: fc.constantFrom('OUTCOME_OK', 'OUTCOME_FAILED'), output: word, id: word }) }),
  fields({ toolCall: fields({ toolType: fc.constantFrom('GOOGLE_SEARCH_WEB', 'GOOGLE_MAPS') }, { args, id: word }) }),
  fields({ toolResponse: fields({ toolType: fc.constantFrom('GOOGLE_SEARCH_WEB', 'GOOGLE_MAPS') }, { response: args, id: word }) }),
  fields({ thoughtSignature: signature }, { thought: fc.constant(true) }),
  fields({ audioTranscription: anything }),
)

const groundingMetadata = fields(
  {},
  {
    groundingChunks: fc.array(fc.oneof(fields({ web: fields({ uri: word }, { title: word }) }), anything), { maxLength: 2 }),
    groundingSupports: fc.array(
      fc.oneof(
        fields(
          { segment: fields({}, { startIndex: fc.nat(9), endIndex: fc.nat(9), text: word }) },
          { groundingChunkIndices: fc.array(fc.nat(2), { maxLength: 2 }) },
        ),
        anything,
      ),
      { maxLength: 2 },
    ),
    webSearchQueries: fc.array(word, { maxLength: 2 }),
  },
)

const logprobsResult = fields(
  {},
  {
    chosenCandidates: fc.array(fields({ token: word }, { logProbability: fc.constantFrom(-0.5, -1), tokenId: fc.nat(9) }), { maxLength: 2 }),
    topCandidates: fc.array(fields({ candidates: fc.array(fields({ token: word }), { maxLength: 2 }) }), { maxLength: 2 }),
  },
)

const candidate = fields(
  {},
  {
    content: fields({}, { parts: fc.array(part, { maxLength: 4 }), role: fc.constantFrom('model', 'other'), unknown: anything }),
    finishReason: fc.constantFrom('STOP', 'MAX_TOKENS', 'SAFETY', 'NEWER', '', 1),
    index: fc.nat(3),
    groundingMetadata: fc.oneof(groundingMetadata, anything),
    citationMetadata: fc.oneof(
      fields({}, { citationSources: fc.array(fields({}, { uri: word, startIndex: fc.nat(5), endIndex: fc.nat(5) }), { maxLength: 2 }) }),
      anything,
    ),
    logprobsResult: fc.oneof(logprobsResult, anything),
    avgLogprobs: fc.constant(-0.25),
    safetyRatings: fc.array(anything, { maxLength: 1 }),
    unknown: anything,
  },
)

const tokens = fc.nat(50)

/** Bodies that a reader may take for a reply, with everything that may be missing, null or unknown. */
export const replyBody: fc.Arbitrary<JsonObject> = fc.oneof(
  fields(
    { candidates: fc.array(candidate, { maxLength: 2 }) },
    {
      usageMetadata: fc.oneof(
        fields({}, { promptTokenCount: tokens, candidatesTokenCount: tokens, thoughtsTokenCount: tokens, cachedContentTokenCount: tokens, trafficType: word }),
        anything,
      ),
      modelVersion: fc.oneof(word, anything),
      responseId: fc.oneof(word, anything),
      createTime: fc.oneof(fc.constantFrom('2026-01-02T03:04:05.678Z', 'soon'), anything),
      promptFeedback: fc.oneof(fields({}, { blockReason: fc.constant('SAFETY') }), anything),
      unknown: anything,
    },
  ),
  fields(
    { promptFeedback: fields({ blockReason: fc.constant('OTHER') }, { blockReasonMessage: word }) },
    { usageMetadata: fields({ promptTokenCount: tokens }), responseId: word },
  ),
)

const citation = fc.record({ url: fc.constantFrom('https://a.example/1', 'https://a.example/2'), title: word, quote: word }, { requiredKeys: ['url'] })
const annotation = fc.record({ protocol: fc.constant('other'), value: anything, citation }, { requiredKeys: ['protocol', 'value'] })
const sealed = signature.map((value) => ({ issuer: 'other', value }))

/** Blocks of other protocols' replies. */
const foreignBlock = fc.oneof(
  fc.record({ type: fc.constant('text'), text: word, annotations: fc.array(annotation, { maxLength: 2 }), sealed }, { requiredKeys: ['type', 'text'] }),
  fc.record({ type: fc.constant('text'), text: fc.constant('') }),
  fc.record({ type: fc.constant('reasoning'), text: fc.oneof(word, fc.constant('')), sealed, redacted: fc.boolean() }, { requiredKeys: ['type', 'text'] }),
  fc.record({ type: fc.constant('refusal'), text: word }),
  fc.record(
    {
      type: fc.constant('tool-call'),
      id: word,
      name: word,
      argumentsText: fc.oneof(
        args.map((value) => JSON.stringify(value)),
        fc.constantFrom('', '[1]', '{"a":', 'text'),
      ),
      form: fc.constantFrom('json', 'text'),
      executedBy: fc.constant('client'),
      sealed,
    },
    { requiredKeys: ['type', 'id', 'name', 'argumentsText', 'form', 'executedBy'] },
  ),
  fc.record({ type: fc.constant('foreign'), protocol: fc.constant('other'), kind: fc.constant('thing'), value: anything }),
) as unknown as fc.Arbitrary<Block>

const foreignCandidate: fc.Arbitrary<Candidate> = fc.record({
  blocks: fc.array(foreignBlock, { maxLength: 5 }),
  finish: fc.record({ reason: fc.constantFrom('stop', 'length', 'tool-calls', 'refusal', 'content-filter', 'pause', 'error', 'other') }),
})

/** Replies that were read from another protocol. */
export const foreignReply: fc.Arbitrary<Reply> = fc.record(
  {
    id: word,
    model: word,
    created: fc.nat(2_000_000_000),
    candidates: fc.array(foreignCandidate, { minLength: 1, maxLength: 2 }),
    usage: fc.record(
      { source: fc.constant('measured' as const), inputUncached: tokens, output: fc.integer({ min: 50, max: 90 }), reasoning: tokens, cacheRead: tokens },
      { requiredKeys: ['source', 'inputUncached', 'output'] },
    ),
  },
  { requiredKeys: ['candidates', 'usage'] },
)
