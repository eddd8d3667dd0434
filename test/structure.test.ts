import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeLines, filesBelow, importsOf, read, root } from './source-files.ts'

const sources = filesBelow('core', 'plugins', 'packaging', 'recipes').filter((path) => /\.(ts|js|mjs)$/.test(path))
const tests = filesBelow('test').filter((path) => path.endsWith('.ts'))
const core = sources.filter((path) => path.startsWith('core/'))
const plugins = readdirSync(join(root, 'plugins'), { withFileTypes: true })
  .filter((kind) => kind.isDirectory())
  .flatMap((kind) => readdirSync(join(root, 'plugins', kind.name)).map((name) => `plugins/${kind.name}/${name}`))

describe('the core', () => {
  it('names no protocol, provider or database', () => {
    const names = /openai|anthropic|gemini|claude|gpt|mistral|sqlite|postgres|redis/i
    const lines = core
      .filter((path) => !path.startsWith('core/testing/'))
      .flatMap((path) =>
        read(path)
          .split('\n')
          .map((line, index) => ({ at: `${path}:${index + 1}`, line })),
      )
    expect(lines.filter(({ line }) => names.test(line)).map(({ at, line }) => `${at}: ${line.trim()}`)).toEqual([])
  })

  it('imports no plugin', () => {
    const imports = core
      .filter((path) => !path.startsWith('core/testing/'))
      .flatMap((path) => importsOf(read(path)).map((specifier) => `${path}: ${specifier}`))
    expect(imports.filter((line) => line.includes('plugins'))).toEqual([])
  })

  it('has an engine of under 3,000 lines of code (docs/decisions/0004)', () => {
    const besideTheEngine = /^core\/(contracts|conversation|wire|upstream|config|cli|testing)\//
    const count = (paths: readonly string[]) => paths.reduce((sum, path) => sum + codeLines(read(path)), 0)
    const engine = count(core.filter((path) => !besideTheEngine.test(path)))
    const whole = count(core.filter((path) => !/^core\/(cli|testing)\//.test(path)))
    console.info(`core: ${whole} lines of code, ${engine} of them the engine`)
    expect(engine).toBeGreaterThan(0)
    expect(engine).toBeLessThan(3_000)
  })
})

describe('every built-in plugin', () => {
  it.each(plugins)('%s has an index.ts and a README.md', (folder) => {
    expect(existsSync(join(root, folder, 'index.ts')), 'index.ts').toBe(true)
    expect(existsSync(join(root, folder, 'README.md')), 'README.md').toBe(true)
  })

  it.each(plugins)('%s is exported by plugins/index.ts under a name that README or docs mention', (folder) => {
    const line = read('plugins/index.ts')
      .split('\n')
      .find((text) => text.includes(`./${folder.slice('plugins/'.length)}/index.ts`))
    const name = /^export \{ (\w+)/.exec(line ?? '')?.[1] ?? '(none)'
    const pages = ['README.md', 'gateway.config.ts', ...filesBelow('docs').filter((path) => path.endsWith('.md'))]
    expect(pages.filter((path) => new RegExp(`\\b${name}\\b`).test(read(path)))).not.toEqual([])
  })

  it('exports its factory as the default and by name', () => {
    const without = plugins.map((folder) => `${folder}/index.ts`).filter((path) => existsSync(join(root, path)) && !/^export default /m.test(read(path)))
    expect(without).toEqual([])
  })

  it('imports from the package as a third party does, from Node, from declared dependencies and from other plugins', () => {
    const declared = Object.keys((JSON.parse(read('package.json')) as { dependencies: Record<string, string> }).dependencies)
    const isAllowed = (specifier: string) =>
      specifier.startsWith('node:') ||
      /^tokligence(\/|$)/.test(specifier) ||
      (specifier.startsWith('.') ? !specifier.includes('/core/') : declared.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
    const imports = sources.filter((path) => path.startsWith('plugins/')).flatMap((path) => importsOf(read(path)).map((specifier) => ({ path, specifier })))
    expect(imports.filter(({ specifier }) => !isAllowed(specifier)).map(({ path, specifier }) => `${path}: ${specifier}`)).toEqual([])
  })
})

describe('every file', () => {
  it('is at most 400 lines long, and a test file at most 300', () => {
    const tooLong = [...sources, ...tests]
      .map((path) => ({ path, lines: read(path).trimEnd().split('\n').length }))
      .filter(({ path, lines }) => lines > (path.startsWith('test/') ? 300 : 400))
    expect(tooLong).toEqual([])
  })

  it('is named in kebab-case for the one thing it holds', () => {
    const names = [...sources, ...tests].map((path) => ({ path, name: basename(path).replace(/(\.test|\.config)?\.(ts|js|mjs)$/, '') }))
    expect(names.filter(({ name }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)).map(({ path }) => path)).toEqual([])
    expect(names.filter(({ name }) => /^(utils?|helpers?|common|misc|types?|shared-utils)$/.test(name)).map(({ path }) => path)).toEqual([])
  })

  it('in TypeScript is checked without exceptions', () => {
    const exceptions = /@ts-ignore|@ts-nocheck|\bas any\b|: any\b|\bTODO\b|\bFIXME\b/
    const here = 'test/structure.test.ts'
    expect([...sources, ...tests].filter((path) => path !== here && exceptions.test(read(path)))).toEqual([])
  })
})
