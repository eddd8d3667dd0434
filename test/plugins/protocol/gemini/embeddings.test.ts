import { type JsonObject, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { embeddings as gemini } from '../../../../plugins/protocol/gemini/embeddings/embedding-codec.ts'
import { embeddingCodec as openai } from '../../../../plugins/protocol/openai-chat/embeddings/embedding-codec.ts'
import { call } from './request-subject.ts'

const one = (text: string, more: object = {}) => ({ content: { parts: [{ text }] }, ...more })
const decode = (body: unknown, operation = 'embed') => gemini.decodeRequest(body as JsonObject, call(body, 'embed-test:x', operation))

function encode(codec: typeof gemini, request: ReturnType<typeof decode>) {
  const losses = new LossSink()
  return { body: codec.encodeRequest(request, losses), lost: losses.losses.map(({ path, severity }) => `${path} ${severity}`) }
}

describe('a request for vectors', () => {
  it('is one text, or a batch of them', () => {
    expect(decode(one('a', { outputDimensionality: 8 }), 'embed-one')).toMatchObject({ model: 'embed-test', inputs: ['a'], single: true, dimensions: 8 })
    expect(decode({ requests: [one('a'), one('b')] })).toMatchObject({ inputs: ['a', 'b'], single: false })
  })

  it('is written back as a batch, each text with its own settings', () => {
    const requests = [
      one('a', { model: 'models/embed-test', taskType: 'RETRIEVAL_DOCUMENT', title: 'A', outputDimensionality: 8 }),
      one('b', { model: 'models/embed-test', output_dimensionality: 4 }),
    ]
    expect(encode(gemini, decode({ requests }))).toEqual({ body: { requests }, lost: [] })
    expect(encode(gemini, decode(one('a', { taskType: 'CLUSTERING' }), 'embed-one')).body).toEqual({
      requests: [{ model: 'models/embed-test', content: { parts: [{ text: 'a' }] }, taskType: 'CLUSTERING' }],
    })
  })

  it('reports to another protocol what that has no field for', () => {
    const requests = [one('a', { taskType: 'CLUSTERING', title: 'A' }), one('b', { taskType: 'CLUSTERING', outputDimensionality: 4 })]
    expect(encode(openai, decode({ requests }))).toEqual({
      body: { model: 'embed-test', input: ['a', 'b'], encoding_format: 'float' },
      lost: ['taskType semantic', 'title semantic', 'outputDimensionality semantic'],
    })
  })

  it('of another protocol becomes a batch', () => {
    const request = openai.decodeRequest({ model: 'embed-test', input: 'a', dimensions: 8, user: 'u', encoding_format: 'base64' }, call({}))
    expect(encode(gemini, request)).toEqual({
      body: { requests: [{ model: 'models/embed-test', content: { parts: [{ text: 'a' }] }, outputDimensionality: 8 }] },
      lost: ['user hint'],
    })
  })

  it.each([
    [{}, 'requests'],
    [{ requests: [{}] }, 'requests[0].content'],
    [{ requests: [{ content: { parts: [{ inlineData: {} }] } }] }, 'requests[0].content.parts[0].text'],
    [{ requests: [one('a', { outputDimensionality: 'x' })] }, 'requests[0].outputDimensionality'],
  ])('is refused with the path of what is wrong: %j', (body, param) => {
    expect(() => decode(body)).toThrowError(expect.objectContaining({ code: 'TKL_REQUEST_INVALID', options: { param } }))
  })

  it('of tokens is refused, because only the texts could be sent', () => {
    const tokens = openai.decodeRequest({ model: 'embed-test', input: [['a'], [1, 2]].slice(1) }, call({}))
    expect(() => encode(gemini, tokens)).toThrowError(expect.objectContaining({ code: 'TKL_REQUEST_INVALID' }))
  })
})

describe('vectors', () => {
  const losses = new LossSink()

  it('are read of both endpoints, with what they cost', () => {
    expect(gemini.decodeReply({ embedding: { values: [1, 2] } })).toEqual({ vectors: [[1, 2]] })
    expect(gemini.decodeReply({ embeddings: [{ values: [1] }, { values: [2] }], usageMetadata: { promptTokenCount: 3 } })).toMatchObject({
      vectors: [[1], [2]],
      usage: { inputUncached: 3, source: 'measured' },
    })
    for (const body of [{}, { embedding: { values: ['x'] } }, []] as const)
      expect(() => gemini.decodeReply(body as never)).toThrowError(expect.objectContaining({ code: 'TKL_UPSTREAM_MALFORMED' }))
  })

  it('are written as the endpoint that was asked writes them', () => {
    const reply = { vectors: [[1]], usage: { inputUncached: 3, source: 'measured' } } as const
    expect(gemini.encodeReply(reply, decode(one('a'), 'embed-one'), losses)).toEqual({
      embedding: { values: [1] },
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
    })
    expect(gemini.encodeReply({ vectors: [[1]] }, decode({ requests: [one('a')] }), losses)).toEqual({ embeddings: [{ values: [1] }] })
  })
})
