import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { GatewayError, type HttpProviderSettings, httpProvider, type ProviderCall, Secret } from '../../../core/index.ts'

const settings: HttpProviderSettings = {
  id: 'acme',
  baseUrl: 'https://api.acme.example/v1/',
  protocols: ['first', 'second'],
  endpoints: { first: { generate: '/say', rank: (call) => `/rank/${call.model}` }, second: {}, third: { generate: '/third' } },
  key: new Secret('acme-key'),
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  forwardable: ['authorization', 'x-acme-key'],
}

const call = (changes: Partial<ProviderCall> = {}): ProviderCall => ({
  protocol: 'first',
  operation: 'generate',
  model: 'm1',
  stream: true,
  path: 'identity',
  callerHeaders: {},
  ...changes,
})

const headersOf = (changes: Partial<HttpProviderSettings>, callChanges: Partial<ProviderCall> = {}) =>
  httpProvider({ ...settings, ...changes }).open(call(callChanges)).headers

function failureOf(work: () => unknown): GatewayError {
  try {
    work()
  } catch (error) {
    if (GatewayError.is(error)) return error
    throw error
  }
  throw new Error('It did not fail.')
}

describe('httpProvider', () => {
  it('puts the endpoint behind the path of the base URL', () => {
    expect(httpProvider(settings).open(call())).toEqual({
      method: 'POST',
      origin: 'https://api.acme.example',
      path: '/v1/say',
      headers: { authorization: 'Bearer acme-key' },
      timeouts: { connect: 10_000, firstByte: 600_000, idle: 300_000 },
    })
  })

  it('makes the path out of the call where the endpoint is a function', () => {
    expect(httpProvider(settings).open(call({ operation: 'rank' })).path).toBe('/v1/rank/m1')
  })

  it.each([
    ['http://127.0.0.1:11434', 'http://127.0.0.1:11434', '/say'],
    ['https://acme.example/deep/path//', 'https://acme.example', '/deep/path/say'],
    ['https://acme.example:443/v2', 'https://acme.example', '/v2/say'],
  ])('takes the base URL %s', (baseUrl, origin, path) => {
    expect(httpProvider({ ...settings, baseUrl }).open(call())).toMatchObject({ origin, path })
  })

  it.each([
    ['api.acme.example/v1', 'whole URL'],
    ['localhost:8080', 'https:// or http://'],
    ['ftp://acme.example', 'https:// or http://'],
    ['https://user:hunter2@acme.example', 'user name or a password'],
    ['https://acme.example/v1?api-version=1', 'query'],
  ])('refuses the base URL %s without repeating it', (baseUrl, reason) => {
    const failure = failureOf(() => httpProvider({ ...settings, baseUrl }))
    expect(failure).toMatchObject({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining(reason) })
    expect(failure.message).not.toContain('hunter2')
  })

  it('supports an operation only of a protocol that it speaks and has an endpoint for', () => {
    const { supports } = httpProvider(settings)
    expect([supports('first', 'generate'), supports('first', 'rank')]).toEqual([true, true])
    expect([supports('first', 'constructor'), supports('second', 'generate'), supports('third', 'generate'), supports('toString', 'generate')]).toEqual(
      Array(4).fill(false),
    )
  })

  it('refuses an operation without an endpoint by name', () => {
    const failure = failureOf(() => httpProvider(settings).open(call({ operation: 'embed' })))
    expect(failure).toMatchObject({ code: 'TKL_OPERATION_UNSUPPORTED', message: expect.stringMatching(/"acme".*"embed".*"first"/) })
  })

  it('tells accounts apart by a digest of the key and of the server that it is for', () => {
    const { account } = httpProvider(settings)
    const text = `${new URL(settings.baseUrl).origin}\nacme-key`
    expect(account).toBe(createHash('sha256').update(text).digest('hex').slice(0, 12))
    expect(httpProvider({ ...settings, baseUrl: 'https://elsewhere.test/v1' }).account).not.toBe(account)
    expect(httpProvider({ ...settings, key: undefined }).account).toBe('none')
  })

  it('lays given time-outs over the usual ones, 0 included', () => {
    expect(httpProvider({ ...settings, timeouts: { idle: 0, connect: undefined } }).open(call()).timeouts).toEqual({
      connect: 10_000,
      firstByte: 600_000,
      idle: 0,
    })
  })

  it('hands the certificate authorities on', () => {
    expect(httpProvider({ ...settings, ca: 'PEM' }).open(call()).ca).toBe('PEM')
  })

  it('lets the caller’s own header stand in for a default one on identity routes only', () => {
    const changes = { defaultHeaders: { 'acme-version': '1', 'acme-mode': 'a' }, headers: { 'x-team': 'red' }, key: undefined, keyRequired: false }
    const callerHeaders = { 'acme-version': '2' }
    expect(headersOf(changes, { callerHeaders })).toEqual({ 'acme-mode': 'a', 'x-team': 'red' })
    expect(headersOf(changes, { callerHeaders, path: 'translated' })).toEqual({ 'acme-version': '1', 'acme-mode': 'a', 'x-team': 'red' })
    expect(headersOf(changes)).toEqual({ 'acme-version': '1', 'acme-mode': 'a', 'x-team': 'red' })
  })

  it('sets a fixed header even where the caller sent its own', () => {
    expect(headersOf({ defaultHeaders: { 'acme-version': '1' }, headers: { 'acme-version': '9' } }, { callerHeaders: { 'acme-version': '2' } })).toMatchObject({
      'acme-version': '9',
    })
  })
})

describe('credentials of an HTTP provider', () => {
  const login = { authorization: 'Bearer vendor-login' }

  it('are its own key, whatever the caller sends', () => {
    expect(headersOf({}, { callerHeaders: login })).toEqual({ authorization: 'Bearer acme-key' })
  })

  it('are the caller’s login and never the key when they are to be forwarded', () => {
    expect(headersOf({ credentials: 'forward' }, { callerHeaders: { ...login, 'x-acme-key': 'k', cookie: 'c', 'x-other': 'o' } })).toEqual({
      ...login,
      'x-acme-key': 'k',
    })
    expect(failureOf(() => headersOf({ credentials: 'forward' })).code).toBe('TKL_PROVIDER_KEY_MISSING')
    expect(httpProvider({ ...settings, credentials: 'forward' }).account).toBe('none')
  })

  it('are the key where there is one and else the caller’s login', () => {
    expect(headersOf({ credentials: 'own-else-forward' }, { callerHeaders: login })).toEqual({ authorization: 'Bearer acme-key' })
    expect(headersOf({ credentials: 'own-else-forward', key: undefined }, { callerHeaders: login })).toEqual(login)
  })

  it('are not forwarded when the request is translated', () => {
    for (const credentials of ['forward', 'own-else-forward'] as const) {
      const failure = failureOf(() => headersOf({ credentials, key: undefined }, { callerHeaders: login, path: 'translated' }))
      expect(failure).toMatchObject({ code: 'TKL_PROVIDER_KEY_MISSING', status: 401, message: expect.stringContaining('same protocol') })
    }
  })

  it.each(['tk-abc', 'Bearer tk-abc', 'bearer  tk-abc', 'Bearer tkl_live_1', 'tkl-1', 'TK-ABC', 'vendor, tk-abc'])(
    'never forward the gateway’s own key: %s',
    (value) => {
      const forward = (callerHeaders: ProviderCall['callerHeaders']) => headersOf({ credentials: 'forward' }, { callerHeaders })
      expect(failureOf(() => forward({ authorization: value })).code).toBe('TKL_PROVIDER_KEY_MISSING')
      expect(forward({ 'x-acme-key': value, authorization: 'Bearer vendor' })).toEqual({ authorization: 'Bearer vendor' })
    },
  )

  it.each(['sk-tk-abc', 'Bearer stk-1', 'Bearer eyJtkl'])('forward a vendor’s key that only contains such letters: %s', (authorization) => {
    expect(headersOf({ credentials: 'forward' }, { callerHeaders: { authorization } })).toEqual({ authorization })
  })

  it('are missing at the request and not before, and the message says what to set', () => {
    const provider = httpProvider({ ...settings, key: undefined })
    expect(failureOf(() => provider.open(call()))).toMatchObject({ code: 'TKL_PROVIDER_KEY_MISSING', message: expect.stringMatching(/"acme".*`apiKey`/) })
    expect(failureOf(() => headersOf({ key: undefined, credentials: 'own-else-forward' })).message).toMatch(/authorization or x-acme-key.*x-tokligence-key/)
  })

  it('may be left out where the provider needs none', () => {
    expect(headersOf({ key: undefined, keyRequired: false })).toEqual({})
    expect(failureOf(() => headersOf({ key: undefined, keyRequired: false, credentials: 'forward' })).code).toBe('TKL_PROVIDER_KEY_MISSING')
  })
})
