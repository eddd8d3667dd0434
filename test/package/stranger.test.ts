import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { read } from '../source-files.ts'
import { run, runToItsEnd } from './run.ts'

const project = inject('project')
const { version } = JSON.parse(read('package.json')) as { version: string }
const home = mkdtempSync(join(tmpdir(), 'tokligence-home-'))
const env = { HOME: home, XDG_DATA_HOME: home, XDG_STATE_HOME: home, OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '' }
const config = join(project, 'gateway.config.ts')
const started: ChildProcess[] = []

const npx = (...commandLine: string[]) => runToItsEnd('npx', ['--no', '--', ...commandLine], { cwd: project, env })

afterEach(async () => {
  for (const child of started.splice(0)) await stop(child)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('in a project that installed the tarball', () => {
  it.each(['tokligence', 'tgw'])('"npx %s --version" prints the version', async (name) => {
    expect(await npx(name, '--version')).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  it('"npx tokligence init" writes a configuration that "npx tokligence check" finds in order', async () => {
    expect(await npx('tokligence', 'init')).toMatchObject({ code: 0 })
    expect(existsSync(config)).toBe(true)
    expect(existsSync(join(project, '.env.example'))).toBe(true)
    const { code, stdout, stderr } = await npx('tokligence', 'check')
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('loopback')
  })

  it('"npx tokligence check" names file, line and option of what is wrong, and exits 78', async () => {
    const right = readFileSync(config, 'utf8')
    const line = right.split('\n').findIndex((text) => text.includes('sqliteLedger()')) + 1
    writeFileSync(config, right.replace('sqliteLedger()', "sqliteLedger({ pat: 'ledger.db' })"))
    const { code, stderr } = await npx('tokligence', 'check')
    writeFileSync(config, right)
    expect(code).toBe(78)
    expect(stderr).toContain(`gateway.config.ts:${line}:`)
    expect(stderr).toContain('did you mean "path"?')
  })

  it('"npx tokligence dev" streams from loopback, and takes over a change of the configuration while it serves', async () => {
    writeFileSync(config, readFileSync(config, 'utf8').replace('port: 8081', 'port: 0'))
    const { url, output } = await startGateway(['npx', '--no', '--', 'tokligence', 'dev'], project)
    const before = await ask(url, 'loopback')
    expect(before.status).toBe(200)
    expect(before.text).toMatch(/^data: \{/)
    expect(before.text).toContain('data: [DONE]')
    expect((await ask(url, 'parrot')).status).toBe(404)

    writeFileSync(config, readFileSync(config, 'utf8').replace("{ 'loopback*': 'loopback' }", "{ 'loopback*': 'loopback', parrot: 'loopback/loopback' }"))
    await vi.waitFor(async () => expect((await ask(url, 'parrot')).status, output()).toBe(200), { timeout: 20_000, interval: 200 })

    writeFileSync(config, readFileSync(config, 'utf8').replace("parrot: 'loopback/loopback'", 'parrot: '))
    await vi.waitFor(() => expect(output()).toContain('gateway.config.ts:'), { timeout: 20_000, interval: 200 })
    expect((await ask(url, 'parrot')).status).toBe(200)
  })
})

describe('in a folder that installed nothing', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tokligence-elsewhere-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const installed = join(project, 'node_modules/.bin/tokligence')

  it('serves from the environment alone, and answers a health check', async () => {
    const { url } = await startGateway([installed, 'start'], folder, { TOKLIGENCE_FACADE_PORT: '0' })
    expect((await ask(url, 'loopback')).status).toBe(200)
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('loads a configuration that imports the package by name', async () => {
    writeFileSync(
      join(folder, 'gateway.config.ts'),
      `import { defineConfig } from 'tokligence'
      import { loopback } from 'tokligence/plugins'
      import openaiChat from 'tokligence/plugins/protocol/openai-chat'
      export default defineConfig({ plugins: [loopback(), openaiChat()] })`,
    )
    expect(await runToItsEnd(installed, ['check'], { cwd: folder, env })).toMatchObject({ code: 0, stderr: '' })
  })

  it('says how to build the native module when it is not there, and exits 78', async () => {
    const built = join(project, 'node_modules/better-sqlite3/build')
    renameSync(built, `${built}-away`)
    mkdirSync(built)
    const elsewhere = mkdtempSync(join(folder, 'without-'))
    const finished = await runToItsEnd(installed, ['start'], { cwd: elsewhere, env: { ...env, TOKLIGENCE_FACADE_PORT: '0' } })
    rmSync(built, { recursive: true })
    renameSync(`${built}-away`, built)
    expect(finished.code, finished.stderr).toBe(78)
    expect(finished.stderr).toMatch(/npm (rebuild|install) .*better-sqlite3/)
  })
})

it('the built gateway has an API, too', async () => {
  const program = `
    import { createGateway, defineConfig } from 'tokligence'
    import { loopback, openaiChat, modelRoutes } from 'tokligence/plugins'
    const gateway = await createGateway(defineConfig({ listen: { port: 0 }, log: { level: 'silent' }, plugins: [openaiChat(), loopback(), modelRoutes({ '*': 'loopback' })] }))
    const { url } = await gateway.listen()
    const response = await fetch(url + '/v1/chat/completions', { method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'any', messages: [{ role: 'user', content: 'hello' }] }) })
    console.log(response.status, (await response.json()).object)
    await gateway.close()`
  writeFileSync(join(project, 'program.mjs'), program)
  const { stdout } = await run('node', ['program.mjs'], { cwd: project, env })
  expect(stdout).toBe('200 chat.completion\n')
})

async function startGateway(commandLine: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}) {
  const [program = '', ...rest] = commandLine
  const child = spawn(program, rest, { cwd, env: { ...process.env, ...env, ...more }, detached: true })
  started.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
  const output = () => text
  const url = await vi.waitFor(
    () => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
      if (found === undefined) throw new Error(`not listening yet\n${text}`)
      return found
    },
    { timeout: 20_000, interval: 100 },
  )
  return { url, output }
}

/** npx starts a shell that starts the gateway: the signal goes to the whole group. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  process.kill(-child.pid, 'SIGTERM')
  await ended
}

async function ask(url: string, model: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Say hello.' }] }),
  })
  return { status: response.status, text: await response.text() }
}
