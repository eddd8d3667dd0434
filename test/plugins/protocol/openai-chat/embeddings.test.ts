import { type JsonObject, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { embeddingCodec } from '../../../../plugins/protocol/openai-chat/embeddings/embedding-codec.ts'
import { openaiClient } from '../../../support/sdk-readings.ts'
import { call, protocol } from './subject.ts'

const decode = (body: unknown) => embeddingCodec.decodeRequest(body as JsonObject, call(body))

describe('a request for vectors', () => {
  it.each([
    { model: 'm', input: 'a' },
    { model: 'm', input: ['a'], encoding_format: 'float' },
    { model: 'm', input: [], encoding_format: 'base64', dimensions: 8, user: 'u' },
    { model: 'm', input: [1, 2], novel: { a: 1 }, user: null },
    { model: 'm', input: [[1], 'a', []] },
  ])('is written back as it was: %j', (body) => {
    const losses = new LossSink()
    expect(embeddingCodec.encodeRequest(decode(body), losses)).toEqual(body)
    expect(losses.losses).toEqual([])
  })

  it('says whether one input was given outright', () => {
    expect(decode({ model: 'm', input: 'a' })).toMatchObject({ inputs: ['a'], single: true, encoding: 'float' })
    expect(decode({ model: 'm', input: [1, 2], encoding_format: 'base64' })).toMatchObject({ inputs: [[1, 2]], single: true, encoding: 'base64' })
    expect(decode({ model: 'm', input: ['a'] })).toMatchObject({ inputs: ['a'], single: false })
  })

  it.each([
    [{ model: 'm' }, 'input'],
    [{ input: 'a' }, 'model'],
    [{ model: 'm', input: ['a', {}] }, 'input[1]'],
    [{ model: 'm', input: 'a', dimensions: 1.5 }, 'dimensions'],
    [{ model: 'm', input: 'a', encoding_format: 'hex' }, 'encoding_format'],
  ])('is refused with the path of what is wrong: %j', (body, param) => {
    expect(() => decode(body)).toThrowError(expect.objectContaining({ code: 'TKL_REQUEST_INVALID', options: { param } }))
  })
})

describe('vectors', () => {
  const reply = {
    vectors: [
      [0.5, -1],
      [2, 3],
    ],
    model: 'm-1',
    usage: { inputUncached: 7, source: 'measured' },
  } as const
  const write = (encoding: 'float' | 'base64') =>
    embeddingCodec.encodeReply(reply, decode({ model: 'm', input: ['a', 'b'], encoding_format: encoding }), new LossSink())

  it('have the vendor’s shape', () => {
    expect(write('float')).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [0.5, -1] },
        { object: 'embedding', index: 1, embedding: [2, 3] },
      ],
      model: 'm-1',
      usage: { prompt_tokens: 7, total_tokens: 7 },
    })
  })

  it.each(['float', 'base64'] as const)('are read as they were written, as %s', (encoding) => {
    expect(embeddingCodec.decodeReply(write(encoding))).toMatchObject(reply)
  })

  it('mean the same to the vendor’s own client, which asks for base64', async () => {
    const client = openaiClient('http://127.0.0.1', () =>
      Promise.resolve(new Response(JSON.stringify(write('base64')), { headers: { 'content-type': 'application/json' } })),
    )
    const read = await client.embeddings.create({ model: 'm', input: ['a', 'b'] })
    expect(read.data.map(({ embedding }) => [...embedding])).toEqual(reply.vectors)
  })

  it('are put in the order of the inputs', () => {
    const data = [
      { index: 1, embedding: [2] },
      { index: 0, embedding: [1] },
    ]
    expect(embeddingCodec.decodeReply({ data }).vectors).toEqual([[1], [2]])
  })

  it.each([{}, { data: [{ embedding: 'AAA=' }] }, { data: [{ embedding: [null] }] }, null])('are refused when they are none: %j', (body) => {
    expect(() => embeddingCodec.decodeReply(body as never)).toThrowError(expect.objectContaining({ code: 'TKL_UPSTREAM_MALFORMED' }))
  })

  it('have an endpoint', () => {
    expect(protocol.embeddings).toBe(embeddingCodec)
    expect(protocol.routes).toContainEqual({ method: 'POST', path: '/v1/embeddings', operation: 'embed' })
  })
})
