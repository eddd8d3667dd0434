import { describe, expect, it } from 'vitest'
import { call, protocol } from './subject.ts'

function patch(body: string, patch = { model: 'gpt-test', requestUsage: true }) {
  const incoming = call(body)
  return { ...protocol.patchRequest(incoming.body, protocol.peek(incoming), patch), before: incoming.body }
}

describe('peek', () => {
  it('reads the model and whether a stream is wanted', () => {
    expect(protocol.peek(call({ messages: [], model: 'gpt-test', stream: true }))).toMatchObject({ model: 'gpt-test', stream: true })
    expect(protocol.peek(call({ model: 'gpt-test', stream: null })).stream).toBe(false)
    expect(protocol.peek(call({ model: 'gpt-test' })).stream).toBe(false)
  })

  it.each([
    ['no model', '{"messages":[]}', 'TKL_REQUEST_INVALID', 'model'],
    ['an empty model', '{"model":""}', 'TKL_REQUEST_INVALID', 'model'],
    ['a model that is no text', '{"model":{"id":"gpt"}}', 'TKL_REQUEST_INVALID', 'model'],
    ['a stream that is no boolean', '{"model":"gpt","stream":"yes"}', 'TKL_REQUEST_INVALID', 'stream'],
    ['a model that stands twice', '{"model":"a","model":"b"}', 'TKL_REQUEST_DUPLICATE_MEMBER', 'model'],
    ['an escaped spelling of stream', '{"model":"a","str\\u0065am":true}', 'TKL_REQUEST_DUPLICATE_MEMBER', 'stream'],
    ['a body that is cut', '{"model":"a"', 'TKL_REQUEST_JSON', undefined],
  ])('refuses %s', (_, body, code, param) => {
    expect(() => protocol.peek(call(body))).toThrowError(
      expect.objectContaining({ code, status: 400, options: param ? expect.objectContaining({ param }) : {} }),
    )
  })
})

describe('patchRequest', () => {
  it('gives the same buffer back when nothing differs', () => {
    const { body, before, usageAdded } = patch('{"model":"gpt-test","stream":true,"stream_options":{"include_usage":true}}')
    expect(body).toBe(before)
    expect(usageAdded).toBe(false)
  })

  it('changes nothing but the name of the model', () => {
    const { body } = patch('{ "messages" : [ "\\u00e9" ],\n "model" : "fast" , "seed": 1.0 }', { model: 'gpt-5-mini', requestUsage: true })
    expect(body.toString('utf8')).toBe('{ "messages" : [ "\\u00e9" ],\n "model" : "gpt-5-mini" , "seed": 1.0 }')
  })

  it('asks for usage where the caller streams and did not ask', () => {
    const { body, usageAdded } = patch('{"model":"gpt-test","stream":true}')
    expect(JSON.parse(body.toString('utf8'))).toEqual({ model: 'gpt-test', stream: true, stream_options: { include_usage: true } })
    expect(usageAdded).toBe(true)
  })

  it.each([
    ['null', 'null', { include_usage: true }],
    ['an object with other members', '{"include_obfuscation":false}', { include_obfuscation: false, include_usage: true }],
    ['a refusal of usage', '{ "include_usage" : false, "include_obfuscation": true }', { include_usage: true, include_obfuscation: true }],
  ])('rewrites stream_options that are %s', (_, options, expected) => {
    const { body, usageAdded } = patch(`{"stream_options":${options},"model":"gpt-test","stream":true}`)
    expect(JSON.parse(body.toString('utf8'))).toEqual({ stream_options: expected, model: 'gpt-test', stream: true })
    expect(usageAdded).toBe(true)
  })

  it('leaves stream_options alone when nothing is streamed, when usage is not to be asked for, and when they are no object', () => {
    for (const [body, requestUsage] of [
      ['{"model":"gpt-test"}', true],
      ['{"model":"gpt-test","stream":true}', false],
      ['{"model":"gpt-test","stream":true,"stream_options":[1]}', true],
    ] as const)
      expect(patch(body, { model: 'gpt-test', requestUsage }).usageAdded).toBe(false)
  })

  it('patches the model and the usage at once, and nothing the second time', () => {
    const first = patch('{"model":"fast","stream":true,"stream_options":{}}', { model: 'gpt-5', requestUsage: true })
    const second = patch(first.body.toString('utf8'), { model: 'gpt-5', requestUsage: true })
    expect(JSON.parse(first.body.toString('utf8'))).toEqual({ model: 'gpt-5', stream: true, stream_options: { include_usage: true } })
    expect(second.body).toBe(second.before)
  })
})
