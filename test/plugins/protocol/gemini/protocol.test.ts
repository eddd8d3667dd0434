import findMyWay from 'find-my-way'
import type { IncomingCall, ProtocolRoute } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { contentsProtocol } from '../../../../plugins/protocol/gemini/protocol.ts'

/** Finds an endpoint as the gateway does: by path, then by what its routes claim. */
function find(path: string): { route: ProtocolRoute; call: IncomingCall } | undefined {
  const byPath = new Map<string, ProtocolRoute[]>()
  for (const route of contentsProtocol.routes) byPath.set(route.path, [...(byPath.get(route.path) ?? []), route])
  const router = findMyWay()
  for (const [pattern, routes] of byPath) router.on('POST', pattern, () => {}, routes)
  const [pathname = '', search] = path.split('?')
  const found = router.find('POST', pathname)
  const query = new URLSearchParams(search)
  const params = found?.params ?? {}
  const route = (found?.store as ProtocolRoute[] | undefined)?.find(({ claims }) => claims?.({}, query, params))
  return route && { route, call: { operation: route.operation, body: Buffer.from('{}'), params, query, headers: {} } }
}

describe('the endpoints of the protocol', () => {
  it.each([
    ['/v1beta/models/gemini-test:generateContent', 'generate', 'gemini-test', false],
    ['/v1/models/gemini-test:streamGenerateContent?alt=sse', 'generate', 'gemini-test', true],
    ['/v1beta/models/vendor%2Fmodel:a:countTokens', 'count-tokens', 'vendor/model:a', false],
    ['/v1beta/models/gemini-test:batchEmbedContents', 'embed', 'gemini-test', false],
    ['/v1/models/gemini-test:embedContent', 'embed-one', 'gemini-test', false],
    ['/v1alpha/models/gemini-test:generateContent', 'generate', 'gemini-test', false],
    ['/v1beta/tunedModels/mine:generateContent', 'generate', 'tunedModels/mine', false],
  ] as const)('%s asks for %s', (path, operation, model, stream) => {
    const { route, call } = find(path) ?? {}
    expect(route?.operation).toBe(operation)
    expect(contentsProtocol.peek(call as IncomingCall)).toMatchObject({ model, stream })
  })

  it.each(['/v1beta/models/gemini-test:predict', '/v1beta/models/gemini-test', '/v1beta/otherModels/a:generateContent'])('%s is none of them', (path) => {
    expect(find(path)).toBeUndefined()
  })

  it('are shown by an example that finds one', () => {
    const { path, body } = contentsProtocol.example?.('gemini-test') ?? { path: '', body: {} }
    const { call } = find(path) ?? {}
    expect(contentsProtocol.peek(call as IncomingCall)).toMatchObject({ model: 'gemini-test', stream: true })
    expect(contentsProtocol.framing?.(call as IncomingCall)).toBeUndefined()
    expect(contentsProtocol.decodeRequest(body as never, call as IncomingCall)).toMatchObject({ model: 'gemini-test', turns: [{ role: 'user' }] })
  })
})
