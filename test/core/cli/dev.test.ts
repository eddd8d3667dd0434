import { renameSync, rmSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { type Workspace, workspace } from '../config/workspace.ts'
import { captureIo, printed, type RunningCommand, runCommand, serveCommand } from './captured-io.ts'

const running: RunningCommand[] = []

afterEach(async () => {
  for (const command of running.splice(0)) await command.stop()
  delete process.env.TOKLIGENCE_TEST_DEV
})

async function dev(files: Workspace, environment: NodeJS.ProcessEnv = process.env): Promise<RunningCommand> {
  const command = await serveCommand(['dev', '--port', '0'], files.folder, environment)
  running.push(command)
  return command
}

/** A configuration whose providers can be seen in GET /health. */
function config(providers: string, settings = ''): string {
  return `
    import { health, loopback } from 'tokligence/plugins'
    export default { log: { level: 'silent' }, ${settings} plugins: [health(), ${providers}] }
  `
}

async function providers({ url }: RunningCommand): Promise<readonly string[]> {
  const health = (await (await fetch(`${url}/health`)).json()) as { readonly providers: readonly string[] }
  return health.providers
}

/** Makes a change and waits for what it leads to. */
async function whatFollows({ io }: RunningCommand, change: () => void, pattern: RegExp): Promise<string> {
  const from = io.error.length
  change()
  return printed(io, pattern, from)
}

describe('tokligence dev', () => {
  it('takes over a changed configuration on the same port, and says what changed and how long it took', async () => {
    const files = workspace({ 'gateway.config.ts': config(`loopback({ id: 'first' })`) })
    const command = await dev(files)
    expect(await providers(command)).toEqual(['first'])
    const told = await whatFollows(
      command,
      () => files.write('gateway.config.ts', config(`loopback({ id: 'second' })`, 'pingInterval: 500,')),
      /(reloaded in \d+ ms \(gateway\.config\.ts\)\n(?: {2}.*\n)*)/,
    )
    expect(told.split('\n').slice(1, -1)).toEqual(['  + provider/second', '  - provider/first', '  pingInterval: 15000 → 500'])
    expect(await providers(command)).toEqual(['second'])
  })

  it('notices a change of what the configuration imports, also when it is saved by renaming, again and again', async () => {
    const files = workspace({
      'gateway.config.ts': `import { names } from './names.ts'\n${config('names.map((id) => loopback({ id }))')}`,
      'names.ts': `export const names = ['a']`,
    })
    const command = await dev(files)
    for (const name of ['b', 'c', 'd']) {
      await whatFollows(
        command,
        () => {
          files.write('names.ts.tmp', `export const names = ['${name}']`)
          renameSync(files.path('names.ts.tmp'), files.path('names.ts'))
        },
        /reloaded in \d+ ms \(names\.ts\)/,
      )
      expect(await providers(command)).toEqual([name])
    }
  })

  it('keeps the old configuration when its file is gone, says so, and takes it again whenever it is back', async () => {
    const files = workspace({ 'gateway.config.ts': config(`loopback({ id: 'first' })`) })
    const command = await dev(files)
    for (const name of ['second', 'third']) {
      await whatFollows(command, () => rmSync(files.path('gateway.config.ts')), /not reloaded: The configuration file gateway\.config\.ts is gone\./)
      await whatFollows(command, () => files.write('gateway.config.ts', config(`loopback({ id: '${name}' })`)), /reloaded in/)
      expect(await providers(command)).toEqual([name])
      await whatFollows(command, () => files.write('gateway.config.ts', config(`loopback({ id: '${name}-edited' })`)), /reloaded in/)
      expect(await providers(command)).toEqual([`${name}-edited`])
    }
  })

  it('follows what the configuration imports through a removal of the whole folder', async () => {
    const files = workspace({
      'gateway.config.ts': `import { name } from './parts/name.ts'\n${config('loopback({ id: name })')}`,
      'parts/name.ts': `export const name = 'a'`,
    })
    const command = await dev(files)
    await whatFollows(command, () => rmSync(files.path('parts'), { recursive: true }), /there is no file[\s\S]*not reloaded/)
    await whatFollows(command, () => files.write('parts/name.ts', `export const name = 'b'`), /reloaded in/)
    await whatFollows(command, () => files.write('parts/name.ts', `export const name = 'c'`), /reloaded in/)
    expect(await providers(command)).toEqual(['c'])
  })

  it('keeps the old configuration when the new one is broken, tells why, and takes the mended one', async () => {
    const files = workspace({ 'gateway.config.ts': config(`loopback({ id: 'good' })`) })
    const command = await dev(files)
    const said = await whatFollows(command, () => files.write('gateway.config.ts', config(`lopback()`)), /([\s\S]*)not reloaded \(gateway\.config\.ts\)/)
    expect(said).toMatch(/gateway\.config\.ts:3:\d+: ReferenceError: lopback is not defined/)
    expect(await providers(command)).toEqual(['good'])
    await whatFollows(command, () => files.write('gateway.config.ts', config(`loopback({ id: 'mended' })`)), /reloaded in/)
    expect(await providers(command)).toEqual(['mended'])
  })

  it('keeps the old configuration when a plugin of the new one cannot be set up', async () => {
    const files = workspace({ 'gateway.config.ts': config(`loopback({ id: 'good' })`) })
    const command = await dev(files)
    const broken = `{ kind: 'admin', id: 'broken', name: 'broken', apiVersion: 1, setup() { throw new Error('no disk') } }`
    await whatFollows(command, () => files.write('gateway.config.ts', config(broken)), /"broken" could not be set up: no disk[\s\S]*not reloaded/)
    expect(await providers(command)).toEqual(['good'])
  })

  it('notices that a file appears whose absence broke the configuration', async () => {
    const files = workspace({ 'gateway.config.ts': config(`loopback({ id: 'good' })`) })
    const command = await dev(files)
    const importing = `import { name } from './name.ts'\n${config('loopback({ id: name })')}`
    await whatFollows(command, () => files.write('gateway.config.ts', importing), /there is no file "\.\/name\.ts"[\s\S]*not reloaded/)
    await whatFollows(command, () => files.write('name.ts', `export const name = 'appeared'`), /reloaded in/)
    expect(await providers(command)).toEqual(['appeared'])
  })

  it('follows .env when it appears, changes and vanishes', async () => {
    const files = workspace({ 'gateway.config.ts': config(`process.env.TOKLIGENCE_TEST_DEV && loopback({ id: process.env.TOKLIGENCE_TEST_DEV })`) })
    const command = await dev(files)
    expect(await providers(command)).toEqual([])
    await whatFollows(
      command,
      () => files.write('.env', 'TOKLIGENCE_TEST_DEV=one'),
      /reloaded in \d+ ms \(\.env\)\n {2}TOKLIGENCE_TEST_DEV \(environment\)\n {2}\+ provider\/one/,
    )
    expect(await providers(command)).toEqual(['one'])
    await whatFollows(command, () => files.write('.env', 'TOKLIGENCE_TEST_DEV=two'), /\+ provider\/two/)
    await whatFollows(command, () => rmSync(files.path('.env')), /- provider\/two/)
    expect(await providers(command)).toEqual([])
  })

  it('starts from the environment, and takes a configuration that appears', async () => {
    const files = workspace()
    const command = await dev(files, { TOKLIGENCE_LEDGER_PATH: ':memory:', TOKLIGENCE_LOG_LEVEL: 'silent' })
    expect(await providers(command)).toEqual(['loopback'])
    await whatFollows(command, () => files.write('.env', 'ANTHROPIC_API_KEY=a-key'), /\+ provider\/anthropic/)
    await whatFollows(command, () => files.write('gateway.config.mts', config(`loopback({ id: 'mine' })`)), /\+ provider\/mine/)
    expect(await providers(command)).toEqual(['mine'])
  })

  it('freezes what hooks are given', async () => {
    const files = workspace({
      'gateway.config.ts': config(`{ kind: 'telemetry', id: 'look', name: 'look', apiVersion: 1, setup(api) { globalThis.seenFreeze = api.config.freeze } }`),
    })
    await dev(files)
    expect((globalThis as unknown as { readonly seenFreeze: unknown }).seenFreeze).toBe(true)
  })

  it('does not start with a broken configuration', async () => {
    const io = captureIo(workspace({ 'gateway.config.ts': 'export default {' }).folder)
    expect(await runCommand(['dev'], io)).toBe(78)
  })
})
