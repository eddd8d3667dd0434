import { spawnSync } from 'node:child_process'
import { openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { filesBelow, root } from '../source-files.ts'
import { run, runToItsEnd } from './run.ts'

const packed = inject('packed')
const tarball = inject('tarball')
const project = inject('project')
const plugins = filesBelow('plugins')
  .map((path) => /^plugins\/([^/]+\/[^/]+)\/index\.ts$/.exec(path)?.[1])
  .filter((name) => name !== undefined)
const entries = ['tokligence', 'tokligence/plugins', 'tokligence/testing', ...plugins.map((name) => `tokligence/plugins/${name}`)]

interface TypesReport {
  readonly analysis: { readonly entrypoints: Readonly<Record<string, unknown>> }
  readonly problems: Readonly<Record<string, readonly { readonly kind: string; readonly resolutionKind?: string; readonly resolutionOption?: string }[]>>
}

describe('the tarball', () => {
  it('holds what is needed, and what people want to read', () => {
    const expected = [
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'package.json',
      'gateway.config.ts',
      'core/cli/bin.js',
      'core/index.ts',
      'plugins/index.ts',
      'dist/core/index.js',
    ]
    expect(expected.filter((path) => !packed.includes(path))).toEqual([])
  })

  it('holds no tests, no build scripts, no secrets and no leftovers', () => {
    const unwanted = /^(test|packaging|\.ci|coverage)\/|(^|\/)(tsconfig[^/]*\.json|biome\.json|\.env[^/]*|\.sources|\.lock|[^/]*\.(db|tgz|tsbuildinfo))$/
    expect(packed.filter((path) => unwanted.test(path))).toEqual([])
  })

  it('holds JavaScript and declarations for every entry', () => {
    const built = ['core/index', 'plugins/index', 'core/testing/index', ...plugins.map((name) => `plugins/${name}/index`)]
    const files = built.flatMap((path) => [`dist/${path}.js`, `dist/${path}.d.ts`])
    expect(files.filter((path) => !packed.includes(path))).toEqual([])
  })

  it('has source maps that lead to sources inside of it', () => {
    const folder = join(project, 'node_modules/tokligence')
    const maps = packed.filter((path) => path.endsWith('.js.map'))
    expect(maps.length).toBeGreaterThan(0)
    const missing = maps.flatMap((path) => {
      const { sources } = JSON.parse(readFileSync(join(folder, path), 'utf8')) as { sources: string[] }
      return sources.map((source) => join(path, '..', source)).filter((source) => !packed.includes(source))
    })
    expect(missing).toEqual([])
  })

  it('is under 2 MB', () => {
    expect(statSync(tarball).size).toBeLessThan(2_000_000)
  })

  it('passes publint without a remark', async () => {
    const { code, stdout } = await runToItsEnd(join(root, 'node_modules/.bin/publint'), ['run', tarball, '--strict'], { cwd: project })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('All good!') })
  })

  it('resolves to the right types from every entry, for ES modules and for bundlers', async () => {
    const subpaths = entries.map((entry) => entry.replace(/^tokligence/, '.'))
    const flags = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'json', '--entrypoints', ...subpaths]
    // To a file: attw ends before a pipe has taken all of it.
    const report = join(project, 'attw.json')
    spawnSync(join(root, 'node_modules/.bin/attw'), [tarball, ...flags], { stdio: ['ignore', openSync(report, 'w'), 'inherit'] })
    const { analysis, problems } = JSON.parse(readFileSync(report, 'utf8')) as TypesReport
    expect(Object.keys(analysis.entrypoints)).toEqual(subpaths)
    // CommonJS is out of the profile, but attw 0.18.5 lets some of its problems fail the run: the exit code says too much.
    const outOfProfile = ['node10', 'node16-cjs']
    const counted = Object.values(problems).flat()
    expect(counted.filter(({ resolutionKind, resolutionOption }) => !outOfProfile.includes(resolutionKind ?? resolutionOption ?? ''))).toEqual([])
  })
})

describe('the installed package', () => {
  it('can be imported by every entry', async () => {
    const program = `for (const entry of ${JSON.stringify(entries)}) if (Object.keys(await import(entry)).length === 0) throw new Error(entry)`
    await run('node', ['--input-type=module', '--eval', program], { cwd: project })
  })

  it('is one core: what a plugin throws is recognised by the class of the API', async () => {
    const program = `
      const { GatewayError } = await import('tokligence')
      const { openai } = await import('tokligence/plugins')
      const { default: alone } = await import('tokligence/plugins/provider/openai')
      if (openai !== alone) throw new Error('two copies of a plugin')
      try { openai({ apiKey: 'key', nonsense: true }) } catch (error) { console.log(error instanceof GatewayError, error.code) }`
    const { stdout } = await run('node', ['--input-type=module', '--eval', program], { cwd: project })
    expect(stdout).toBe('true TKL_CONFIG_INVALID\n')
  })

  it('keeps its inside to itself', async () => {
    const program = `await import('tokligence/core/gateway.ts').catch((error) => console.log(error.code))`
    const { stdout } = await run('node', ['--input-type=module', '--eval', program], { cwd: project })
    expect(stdout).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n')
  })

  it('brings none of the tools it is developed with', () => {
    const installed = readdirSync(join(project, 'node_modules'))
    expect(installed.filter((name) => ['vitest', 'typescript', '@biomejs', 'openai', '@anthropic-ai', 'publint'].includes(name))).toEqual([])
  })
})
