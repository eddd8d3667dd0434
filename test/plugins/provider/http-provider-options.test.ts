import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GatewayError, type Provider } from 'tokligence'
import openai from 'tokligence/plugins/provider/openai'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { setUp } from '../set-up.ts'
import { providerCall } from './provider-call.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokligence-options-'))
const certificate = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'

function failureOf(work: () => unknown): GatewayError {
  try {
    work()
  } catch (error) {
    if (GatewayError.is(error)) return error
    throw error
  }
  throw new Error('It did not fail.')
}

beforeEach(() => {
  vi.stubEnv('TOKLIGENCE_OPENAI_API_KEY', '')
  vi.stubEnv('OPENAI_API_KEY', '')
  vi.stubEnv('TOKLIGENCE_OPENAI_BASE_URL', '')
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the options that HTTP providers share', () => {
  it('refuse to start without a key, naming the plugin and the variables', () => {
    const failure = failureOf(() => openai())
    expect(failure).toMatchObject({ code: 'TKL_CONFIG_SECRET_MISSING' })
    expect(failure.message).toMatch(/provider plugin "openai".*TOKLIGENCE_OPENAI_API_KEY or OPENAI_API_KEY/)
    expect(failureOf(() => openai({ apiKey: { env: 'NO_SUCH_KEY' } })).message).toContain('NO_SUCH_KEY')
  })

  it('do not mind a missing key where callers bring their own', async () => {
    for (const credentials of ['forward', 'own-else-forward'] as const) {
      const provider = await setUp<Provider>(openai({ credentials }))
      const call = providerCall({ callerHeaders: { authorization: 'Bearer caller' } })
      expect(provider.open(call).headers).toMatchObject({ authorization: 'Bearer caller' })
    }
  })

  it('do not read the usual key where only callers’ logins may be sent', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'own')
    expect((await setUp<Provider>(openai({ credentials: 'forward' }))).account).toBe('none')
    expect((await setUp<Provider>(openai({ credentials: 'own-else-forward' }))).open(providerCall()).headers).toMatchObject({ authorization: 'Bearer own' })
  })

  it('do not fall back to the usual key when another source is named and optional', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'own')
    const provider = await setUp<Provider>(openai({ apiKey: { env: 'NO_SUCH_KEY', optional: true } }))
    expect(failureOf(() => provider.open(providerCall())).code).toBe('TKL_PROVIDER_KEY_MISSING')
  })

  it.each([
    [{ protocols: ['smoke-signals'] }, 'protocols'],
    [{ protocols: [] }, 'protocols'],
    [{ credentials: 'borrow' }, 'credentials'],
    [{ baseUrl: 'api.openai.com' }, 'baseUrl'],
    [{ headers: { 'bad name': 'x' } }, 'headers'],
    [{ headers: { Host: 'x' } }, 'headers.Host'],
    [{ headers: { 'x-a': 'line\r\nbreak' } }, 'headers.x-a'],
    [{ timeouts: { idle: -1 } }, 'timeouts.idle'],
    [{ timeouts: { total: 1 } }, 'timeouts.total'],
    [{ ca: 'no certificate' }, 'ca'],
    [{ ca: { file: join(folder, 'missing.pem') } }, 'ca'],
    [{ basUrl: 'https://x.example' }, 'did you mean "baseUrl"'],
  ])('refuse %j', (options, named) => {
    const failure = failureOf(() => openai({ apiKey: 'k', ...options } as never))
    expect(failure).toMatchObject({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining(named) })
  })

  it('lower the names of headers and keep their values', async () => {
    const provider = await setUp<Provider>(openai({ apiKey: 'k', headers: { 'X-Team': 'Red' } }))
    expect(provider.open(providerCall()).headers).toEqual({ 'x-team': 'Red', authorization: 'Bearer k' })
  })

  it('read certificate authorities from text or a file', async () => {
    const file = join(folder, 'ca.pem')
    writeFileSync(file, certificate)
    for (const ca of [certificate, { file }]) expect((await setUp<Provider>(openai({ apiKey: 'k', ca }))).open(providerCall()).ca).toBe(certificate)
  })

  it('pass time-outs and the wish for usage on', async () => {
    const provider = await setUp<Provider>(openai({ apiKey: 'k', timeouts: { connect: 5 }, streamUsage: false }))
    expect(provider.open(providerCall()).timeouts).toEqual({ connect: 5, firstByte: 600_000, idle: 300_000 })
    expect(provider.streamUsage).toBe(false)
  })
})
