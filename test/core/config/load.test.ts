import { mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../core/config/load.ts'
import { hostModules } from './host-modules.ts'
import { type Workspace, workspace } from './workspace.ts'

function load(files: Workspace, name = 'gateway.config.ts') {
  return loadConfig(files.path(name), { hostModules, cwd: files.folder })
}

const smallConfig = `
  import { defineConfig } from 'tokligence'
  import { banner } from 'tokligence/plugins'
  export default defineConfig({ plugins: [banner({ text: 'hello' })] })
`

describe('a configuration', () => {
  it.each(['gateway.config.ts', 'gateway.config.mts', 'gateway.config.js', 'gateway.config.mjs'])('may be called %s', async (name) => {
    const { config, path, dependencies } = await load(workspace({ [name]: smallConfig }), name)
    expect(config.plugins).toMatchObject([{ kind: 'telemetry', id: 'banner' }])
    expect(dependencies).toEqual([path])
  })

  it('may use the types and syntax of TypeScript, and import a type without saying that it is one', async () => {
    const files = workspace({
      'gateway.config.ts': `
        import { type PluginEntry, GatewayConfig, defineConfig } from 'tokligence'
        const none = [] as const satisfies readonly PluginEntry[]
        const config: GatewayConfig = defineConfig({ plugins: none, drainTimeout: 5 as number })
        export default config
      `,
    })
    expect((await load(files)).config).toEqual({ plugins: [], drainTimeout: 5 })
  })

  it('may be CommonJS', async () => {
    const files = workspace({ 'gateway.config.js': `const { banner } = require('tokligence/plugins')\nmodule.exports = { plugins: [banner()] }` })
    expect((await load(files, 'gateway.config.js')).config.plugins).toHaveLength(1)
  })

  it('may be a function, which may be async and import what it needs', async () => {
    const files = workspace({
      'gateway.config.ts': `export default async () => ({ plugins: [(await import('tokligence/plugins')).banner()] })`,
    })
    expect((await load(files)).config.plugins).toHaveLength(1)
  })

  it('names everything local that it imports, also through other files and JSON', async () => {
    const files = workspace({
      'gateway.config.ts': `import { text } from './parts/text.ts'\nimport { banner } from 'tokligence/plugins'\nexport default { plugins: [banner({ text })] }`,
      'parts/text.ts': `import words from './words.json' with { type: 'json' }\nexport const text: string = words.hello`,
      'parts/words.json': '{ "hello": "good day" }',
    })
    const { dependencies } = await load(files)
    expect(dependencies.map((path) => path.slice(files.folder.length + 1)).sort()).toEqual(['gateway.config.ts', 'parts/text.ts', 'parts/words.json'])
  })

  it('sees a change of what it imports when it is loaded again', async () => {
    const files = workspace({
      'gateway.config.ts': `import { port } from './port.ts'\nexport default { plugins: [], listen: { port } }`,
      'port.ts': 'export const port = 1001',
    })
    expect((await load(files)).config.listen?.port).toBe(1001)
    files.write('port.ts', 'export const port = 1002')
    expect((await load(files)).config.listen?.port).toBe(1002)
  })

  it('knows its own place, and so does what it imports from another folder', async () => {
    const files = workspace({
      'gateway.config.ts': `import { place } from './parts/place.ts'\nexport default { plugins: [], allowedHosts: [import.meta.dirname, ...place].map((path) => path.split('/').at(-1)) }`,
      'parts/place.ts': `import { fileURLToPath } from 'node:url'\nexport const place = [fileURLToPath(import.meta.url), __filename, __dirname]`,
    })
    const { config } = await load(files)
    expect(config.allowedHosts).toEqual([files.folder.split('/').at(-1), 'place.ts', 'place.ts', 'parts'])
  })
})

describe('the code of a configuration', () => {
  it('is strict, like any module: what is frozen cannot be changed in silence', async () => {
    const files = workspace({
      'gateway.config.ts': `import { change } from './change.ts'\nexport default () => ({ plugins: [], freeze: change() })`,
      'change.ts': `const frozen: { a: number } = Object.freeze({ a: 1 })\nexport function change() {\n  frozen.a = 2\n  return true\n}`,
    })
    await expect(load(files)).rejects.toThrow(/^change\.ts:3:10: TypeError: Cannot assign to read only property 'a'/)
  })

  it('cannot assign to names that are not declared', async () => {
    const files = workspace({ 'gateway.config.ts': `export default { plugins: [] }\n// @ts-expect-error\nundeclared = 1` })
    await expect(load(files)).rejects.toThrow(/^gateway\.config\.ts:3:\d+: ReferenceError: undeclared is not defined/)
  })
})

describe('packages', () => {
  it('gives a configuration the running instance’s own modules', async () => {
    const files = workspace({
      'gateway.config.ts': `
        import { GatewayError } from 'tokligence'
        import byDefault, { banner } from 'tokligence/plugins/telemetry/banner'
        import * as all from 'tokligence/plugins'
        globalThis.seen = { GatewayError, same: byDefault === banner && all.banner === banner }
        export default { plugins: [] }
      `,
      'node_modules/tokligence/package.json': '{ "name": "tokligence", "main": "index.js" }',
      'node_modules/tokligence/index.js': 'throw new Error("another copy")',
    })
    await load(files)
    const { seen } = globalThis as unknown as { readonly seen: { readonly GatewayError: unknown; readonly same: boolean } }
    expect(seen).toEqual({ GatewayError: (hostModules('tokligence') as { readonly GatewayError: unknown }).GatewayError, same: true })
  })

  const packages = {
    'node_modules/commonjs/package.json': '{ "name": "commonjs", "main": "index.js" }',
    'node_modules/commonjs/index.js': 'exports.__esModule = true; exports.default = 1; exports.named = 2',
    'node_modules/esmodule/package.json': '{ "name": "esmodule", "type": "module", "exports": { "import": "./index.js" } }',
    'node_modules/esmodule/index.js': 'export default 3; export const named = 4',
  }

  it.each(['gateway.config.ts', 'gateway.config.mts'])('are imported by %s as Node imports them', async (name) => {
    const files = workspace({
      ...packages,
      [name]: `
        import first, { named as second } from 'commonjs'
        import third, { named as fourth } from 'esmodule'
        import fs, { existsSync } from 'node:fs'
        export default { plugins: [], drainTimeout: first.default * 1000 + second * 100 + third * 10 + fourth, freeze: fs.existsSync === existsSync }
      `,
    })
    expect((await load(files, name)).config).toMatchObject({ drainTimeout: 1234, freeze: true })
  })

  it('are found from the configuration’s folder, not from the gateway’s', async () => {
    const files = workspace({ 'gateway.config.ts': `import { z } from 'zod'\nexport default { plugins: [], freeze: Boolean(z) }` })
    await expect(load(files)).rejects.toThrow('gateway.config.ts:1:19: there is no package "zod" here; install it (npm install zod) or correct its name.')
  })

  it('of a workspace are part of the configuration, so that a change of theirs is seen', async () => {
    const files = workspace({
      'app/gateway.config.ts': `import { timeout } from 'mine'\nexport default { plugins: [], drainTimeout: timeout }`,
      'packages/mine/package.json': '{ "name": "mine", "main": "index.ts" }',
      'packages/mine/index.ts': 'export const timeout: number = 7',
    })
    mkdirSync(files.path('node_modules'))
    symlinkSync(files.path('packages/mine'), files.path('node_modules/mine'))
    const { config, dependencies } = await load(files, 'app/gateway.config.ts')
    expect(config.drainTimeout).toBe(7)
    expect(dependencies).toContain(files.path('packages/mine/index.ts'))
  })
})

describe('a broken configuration', () => {
  it('names the files to watch, the missing one included, so that mending it is noticed', async () => {
    const files = workspace({ 'gateway.config.ts': `import './missing'\nexport default { plugins: [] }` })
    const failure = load(files).catch((error: unknown) => error)
    await expect(failure).resolves.toMatchObject({ files: expect.arrayContaining([files.path('gateway.config.ts'), files.path('missing.ts')]) })
    files.write('missing.ts', 'export {}')
    await expect(load(files)).resolves.toBeDefined()
  })

  it('is shown with the line at fault and a caret below it, and never with a key', async () => {
    const files = workspace({
      'gateway.config.ts': [
        `import { smallProvider } from 'tokligence/plugins'`,
        'export default {',
        `  plugins: [smallProvider({ apiKey: 'very-secret-value', retris: 1 })],`,
        '}',
      ].join('\n'),
    })
    const error = (await load(files).catch((reason: unknown) => reason)) as Error
    expect(error.message.split('\n')).toEqual([
      'gateway.config.ts:3:58: provider plugin "small-provider": unknown option "retris"; did you mean "retries"?',
      `      plugins: [smallProvider({ apiKey: '*****************', retris: 1 })],`,
      `${' '.repeat(61)}^`,
    ])
  })
})
