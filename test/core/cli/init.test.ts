import { readdirSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { readRoutes } from '../../../plugins/preset/environment/routes.ts'
import { workspace } from '../config/workspace.ts'
import { captureIo, runCommand, serveCommand } from './captured-io.ts'

const keys = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY'] as const
const before = new Map([...keys, 'GOOGLE_API_KEY'].map((name) => [name, process.env[name]]))

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

describe('tokligence init', () => {
  it('writes the keys and routes that there would be without a file, and says how an editor gets types', async () => {
    const files = workspace()
    await runCommand(['init'], captureIo(files.folder))
    const text = readFileSync(files.path('gateway.config.ts'), 'utf8')
    expect(text.split('\n')[0]).toContain('npm install --save-dev typescript @types/node')
    for (const pattern of Object.keys(readRoutes(Object.fromEntries(keys.map((name) => [name, 'a']))))) expect(text).toContain(`'${pattern}': `)
    for (const name of keys) expect(text).toContain(`process.env.TOKLIGENCE_${name} || process.env.${name}`)
  })

  it('writes two files and nothing else, and names the next two commands', async () => {
    const files = workspace()
    const io = captureIo(files.folder)
    expect(await runCommand(['init'], io)).toBe(0)
    expect(readdirSync(files.folder).sort()).toEqual(['.env.example', 'gateway.config.ts'])
    expect(io.out.split('\n').filter((line) => line.startsWith('  '))).toEqual([
      '  cp .env.example .env      # and put your keys into it',
      '  npx tokligence dev',
    ])
  })

  it('overwrites nothing unless it is forced to', async () => {
    const files = workspace({ 'gateway.config.mjs': 'mine', '.env.example': 'mine' })
    const io = captureIo(files.folder)
    expect(await runCommand(['init'], io)).toBe(1)
    expect(io.error).toBe('tokligence: gateway.config.mjs and .env.example are here already, and nothing was written.\nTo overwrite: tokligence init --force\n')
    expect(readdirSync(files.folder)).toHaveLength(2)
    expect(await runCommand(['init', '--force'], io)).toBe(0)
    expect(readFileSync(files.path('.env.example'), 'utf8')).not.toBe('mine')
  })

  it.each([
    ['without keys', { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '', GEMINI_API_KEY: '', GOOGLE_API_KEY: '' }, 'loopback'],
    ['with Google’s own variable', { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '', GEMINI_API_KEY: '', GOOGLE_API_KEY: 'a-key' }, 'gemini, loopback'],
    ['with keys', { OPENAI_API_KEY: 'a-key', ANTHROPIC_API_KEY: 'another', GEMINI_API_KEY: 'a-third' }, 'openai, anthropic, gemini, loopback'],
  ])('writes a configuration that starts %s', async (_title, environment, providers) => {
    Object.assign(process.env, environment)
    const files = workspace()
    await runCommand(['init'], captureIo(files.folder))
    expect(Object.keys(parseEnv(readFileSync(files.path('.env.example'), 'utf8'))).toSorted()).toEqual([...keys].toSorted())
    files.write(
      'gateway.config.ts',
      readFileSync(files.path('gateway.config.ts'), 'utf8')
        .replace('sqliteLedger()', `sqliteLedger({ path: ':memory:' })`)
        .replace('listen:', `log: { level: 'silent' }, listen:`),
    )
    const { io, url, stop } = await serveCommand(['start', '--port', '0'], files.folder)
    expect(io.error).toMatch(new RegExp(`providers +${providers}\\n`))
    expect((await fetch(`${url}/health`)).status).toBe(200)
    await stop()
  })
})
