import { GatewayError, type Router } from 'tokligence'
import { environmentConfig, translations } from 'tokligence/plugins'
import { fakePluginApi } from 'tokligence/testing'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../../../core/config/resolve.ts'

function resolve(variables: NodeJS.ProcessEnv) {
  return resolveConfig(environmentConfig(variables))
}

function idsOf(variables: NodeJS.ProcessEnv, kind: string): readonly string[] {
  return resolve(variables)
    .plugins.filter((plugin) => plugin.kind === kind)
    .map(({ id }) => id)
}

/** Where a model goes, as `provider/model`. */
async function routeOf(variables: NodeJS.ProcessEnv, model: string): Promise<string | undefined> {
  const plugin = resolve(variables).plugins.find(({ kind }) => kind === 'router')
  const router = (await plugin?.setup(fakePluginApi({ id: 'router' }))) as Router
  const target = router.resolve({ model, protocol: 'any', operation: 'generate' })?.targets[0]
  return target && `${target.provider}/${target.model}`
}

const keys = { OPENAI_API_KEY: 'one', ANTHROPIC_API_KEY: 'two' }

describe('the environment’s preset', () => {
  it('holds everything that works without a key, and listens on this machine only', () => {
    const { plugins, listen } = resolve({})
    expect(plugins.map(({ kind, id }) => `${kind}/${id}`)).toEqual([
      'protocol/openai-chat',
      'protocol/openai-responses',
      'protocol/anthropic-messages',
      'protocol/gemini',
      ...translations().map(({ kind, id }) => `${kind}/${id}`),
      'provider/loopback',
      'router/model-routes',
      'models/directory',
      'ledger/sqlite',
      'session/sqlite',
      'admin/health',
      'telemetry/request-log',
    ])
    expect(listen).toEqual({ host: '127.0.0.1', port: 8081 })
  })

  it('remembers conversations where the ledger is, and watches prefixes when it is told to', () => {
    expect(idsOf({ TOKLIGENCE_LEDGER_PATH: ':memory:' }, 'session')).toEqual(['memory'])
    expect(idsOf({ TOKLIGENCE_LEDGER_PATH: '/tmp/ledger.db' }, 'session')).toEqual(['sqlite'])
    expect([idsOf({}, 'detector'), idsOf({ TOKLIGENCE_PREFIX_WATCH: 'true' }, 'detector')]).toEqual([[], ['prefix-watch']])
  })

  it.each([
    [{ TOKLIGENCE_OPENAI_API_KEY: 'a' }, ['openai', 'loopback']],
    [{ OPENAI_API_KEY: 'a' }, ['openai', 'loopback']],
    [{ TOKLIGENCE_ANTHROPIC_API_KEY: 'a' }, ['anthropic', 'loopback']],
    [keys, ['openai', 'anthropic', 'loopback']],
    [{ OPENAI_API_KEY: '', TOKLIGENCE_OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }, ['loopback']],
  ])('adds each provider whose key is set: %j', (variables, providers) => {
    expect(idsOf(variables, 'provider')).toEqual(providers)
  })

  it.each([
    ['8090', 8090],
    [':8090', 8090],
    ['0', 0],
    ['', 8081],
  ])('takes the port as %j', (text, port) => {
    expect(resolve({ TOKLIGENCE_FACADE_PORT: text }).listen.port).toBe(port)
  })

  it('takes the level of the log, in any case', () => {
    expect(resolve({ TOKLIGENCE_LOG_LEVEL: 'DEBUG' }).log.level).toBe('debug')
  })

  it.each([['true'], ['1'], ['']])('takes TOKLIGENCE_AUTH_DISABLED=%s and TOKLIGENCE_WORK_MODE=auto for what it does anyway', (disabled) => {
    expect(() => resolve({ TOKLIGENCE_AUTH_DISABLED: disabled, TOKLIGENCE_WORK_MODE: 'auto' })).not.toThrow()
  })

  it.each([
    ['gpt-5-mini', 'openai/gpt-5-mini'],
    ['o3-pro', 'openai/o3-pro'],
    ['chatgpt-4o-latest', 'openai/chatgpt-4o-latest'],
    ['claude-opus-5', 'anthropic/claude-opus-5'],
    ['loopback-slow', 'loopback/loopback-slow'],
    ['mistral', undefined],
  ])('routes %s to %s', async (model, target) => {
    expect(await routeOf(keys, model)).toBe(target)
  })

  it('has no route to a provider without a key', async () => {
    expect(await routeOf({ OPENAI_API_KEY: 'one' }, 'claude-opus-5')).toBeUndefined()
  })

  it('takes rules in both spellings, with commas and line breaks', async () => {
    const variables = { ...keys, TOKLIGENCE_ROUTES: 'mini=>openai/gpt-5-mini, big = anthropic/claude-opus-5\nlocal*=>loopback,\n' }
    expect(await routeOf(variables, 'mini')).toBe('openai/gpt-5-mini')
    expect(await routeOf(variables, 'big')).toBe('anthropic/claude-opus-5')
    expect(await routeOf(variables, 'local-model')).toBe('loopback/local-model')
  })

  it('lets TOKLIGENCE_ROUTES win over TOKLIGENCE_MODEL_PROVIDER_ROUTES, and both over the default of the same pattern', async () => {
    const variables = { ...keys, TOKLIGENCE_MODEL_PROVIDER_ROUTES: 'GPT*=>anthropic,o1*=>anthropic', TOKLIGENCE_ROUTES: 'gpt*=>loopback' }
    expect(await routeOf(variables, 'gpt-5')).toBe('loopback/gpt-5')
    expect(await routeOf(variables, 'o1')).toBe('anthropic/o1')
    expect(await routeOf(variables, 'o3')).toBe('openai/o3')
  })
})

describe('a variable that cannot be followed', () => {
  it.each<[NodeJS.ProcessEnv, RegExp]>([
    [{ TOKLIGENCE_FACADE_PORT: '80810' }, /TOKLIGENCE_FACADE_PORT must be a port such as 8081, not "80810"/],
    [{ TOKLIGENCE_FACADE_PORT: '127.0.0.1:8081' }, /TOKLIGENCE_FACADE_PORT must be a port/],
    [{ TOKLIGENCE_LOG_LEVEL: 'loud' }, /TOKLIGENCE_LOG_LEVEL must be one of fatal, error/],
    [{ TOKLIGENCE_AUTH_DISABLED: 'false' }, /TOKLIGENCE_AUTH_DISABLED is "false", but there is no authentication without a configuration file/],
    [{ TOKLIGENCE_WORK_MODE: 'translation' }, /TOKLIGENCE_WORK_MODE is "translation"; only "auto" is known/],
    [{ TOKLIGENCE_LEDGER_PATH: 'postgres://localhost/ledger' }, /TOKLIGENCE_LEDGER_PATH is a URL/],
    [{ OPENAI_API_KEY: 'a', TOKLIGENCE_OPENAI_BASE_URL: 'localhost' }, /TOKLIGENCE_OPENAI_BASE_URL is wrong: provider plugin "openai": option "baseUrl"/],
    [
      { TOKLIGENCE_ROUTES: 'claude*=>anthropic' },
      /TOKLIGENCE_ROUTES sends "claude\*" to "anthropic", which has no key here; set TOKLIGENCE_ANTHROPIC_API_KEY or ANTHROPIC_API_KEY/,
    ],
    [
      { TOKLIGENCE_MODEL_PROVIDER_ROUTES: 'm*=>mistral' },
      /TOKLIGENCE_MODEL_PROVIDER_ROUTES sends "m\*" to "mistral"; without a configuration file there are only openai, anthropic, gemini, loopback/,
    ],
    [{ TOKLIGENCE_ROUTES: 'gpt-5' }, /TOKLIGENCE_ROUTES has the rule "gpt-5", which is not of the form pattern=>provider/],
    [{ TOKLIGENCE_ROUTES: '=>loopback' }, /TOKLIGENCE_ROUTES has the rule "=>loopback"/],
  ])('is refused by its name: %j', (variables, message) => {
    let error: unknown
    try {
      environmentConfig(variables)
    } catch (thrown) {
      error = thrown
    }
    expect(GatewayError.is(error, 'TKL_CONFIG_INVALID')).toBe(true)
    expect((error as GatewayError).message).toMatch(message)
  })
})
