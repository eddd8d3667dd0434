export interface BrokenConfig {
  /** What is wrong, as the title of its test. */
  readonly title: string
  /** Lines of gateway.config.ts. */
  readonly lines: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly code?: string
  /** What the message says, in order; each begins with the place. */
  readonly says: readonly RegExp[]
}

const plugins = `import { banner, smallProvider } from 'tokligence/plugins'`

/** Mistakes in the file itself: esbuild finds them. */
export const brokenSources: readonly BrokenConfig[] = [
  { title: 'a bracket that is not closed', lines: ['export default {', '  plugins: [', '}'], says: [/^gateway\.config\.ts:3:1: Unexpected "}"/] },
  {
    title: 'a file that ends too early',
    lines: ['export default {', '  plugins: []', ''],
    says: [/^gateway\.config\.ts:3:1: Expected "}" but found end of file/],
  },
  { title: 'a comma too many', lines: ['export default { plugins: [], , }'], says: [/^gateway\.config\.ts:1:31: Expected identifier but found ","/] },
  {
    title: 'a text that is not closed',
    lines: ['const a = 1', "export default { plugins: ['a] }"],
    says: [/^gateway\.config\.ts:2:\d+: Unterminated string literal/],
  },
  { title: 'a place after letters outside of ASCII', lines: ["const 名前 = 'é'; const b = ;"], says: [/^gateway\.config\.ts:1:27: Unexpected ";"/] },
  {
    title: 'a name declared twice',
    lines: ['const a = 1', 'const a = 2', 'export default { plugins: [] }'],
    says: [/^gateway\.config\.ts:2:7: The symbol "a" has already been declared/],
  },
  {
    title: 'a broken file that it imports',
    lines: ["import './part.ts'", 'export default { plugins: [] }'],
    files: { 'part.ts': 'export const a =\n' },
    says: [/^part\.ts:2:1: Unexpected end of file/],
  },
  {
    title: 'broken JSON that it imports',
    lines: ["import a from './a.json'", 'export default { plugins: [], a }'],
    files: { 'a.json': '{ "a": }' },
    says: [/^a\.json:1:8: /],
  },
  {
    title: 'a local file that is not there',
    lines: ["import { a } from './parts/a.ts'", 'export default { plugins: [a] }'],
    says: [/^gateway\.config\.ts:1:19: there is no file "\.\/parts\/a\.ts"/],
  },
  {
    title: 'a package that is not installed',
    lines: ["import a from 'not-installed'", 'export default { plugins: [a] }'],
    says: [/^gateway\.config\.ts:1:15: there is no package "not-installed" here; install it \(npm install not-installed\)/],
  },
  {
    title: 'two packages that are not installed',
    lines: ["import a from 'one-package'", "import b from 'another-package'", 'export default { plugins: [a, b] }'],
    says: [/gateway\.config\.ts:1:15: .*"one-package"/, /gateway\.config\.ts:2:15: .*"another-package"/],
  },
  {
    title: 'a module that the gateway does not have',
    lines: ["import a from 'tokligence/plugins/provider/unheard'", 'export default { plugins: [a()] }'],
    says: [/^gateway\.config\.ts:1:15: this gateway has no module "tokligence\/plugins\/provider\/unheard"/],
  },
  {
    title: 'a misspelled plugin',
    lines: ["import { smalProvider } from 'tokligence/plugins'", 'export default { plugins: [smalProvider()] }'],
    says: [/^gateway\.config\.ts:1:10: "tokligence\/plugins" has no export "smalProvider"; did you mean "smallProvider"\?/],
  },
  {
    title: 'an import that its own file does not export',
    lines: ["import { a } from './a.ts'", 'export default { plugins: [a] }'],
    files: { 'a.ts': 'export const b = 1' },
    says: [/^gateway\.config\.ts:1:10: "a\.ts" has no export "a"/],
  },
  {
    title: 'top-level await',
    lines: ["const a = await Promise.resolve('a')", 'export default { plugins: [], a }'],
    says: [/^gateway\.config\.ts:1:11: a configuration cannot use top-level await/],
  },
  {
    title: 'a regular expression with wrong flags',
    lines: ['const a = 1', 'export default { plugins: [/a/gg] }'],
    says: [/^gateway\.config\.ts:2:\d+: Duplicate flag "g"/],
  },
]

/** Mistakes that show when it runs. */
export const brokenRuns: readonly BrokenConfig[] = [
  {
    title: 'an error of its own',
    lines: ['function keys() {', "  throw new Error('no keys today')", '}', 'export default { plugins: [keys()] }'],
    says: [/^gateway\.config\.ts:2:9: Error: no keys today/],
  },
  {
    title: 'an error in a file that it imports',
    lines: ["import './part.ts'", 'export default { plugins: [] }'],
    files: { 'part.ts': '\n\nnull.length' },
    says: [/^part\.ts:3:6: TypeError: Cannot read properties of null/],
  },
  {
    title: 'an error in the function that it exports',
    lines: ['export default () => {', '  return undefinedName', '}'],
    says: [/^gateway\.config\.ts:2:3: ReferenceError: undefinedName is not defined/],
  },
  {
    title: 'an error in the async function that it exports',
    lines: ['export default async () => {', '  await null', "  throw new RangeError('later')", '}'],
    says: [/^gateway\.config\.ts:3:9: RangeError: later/],
  },
  {
    title: 'a call of something that a package does not export',
    lines: ["import { nothing } from 'empty'", 'export default { plugins: [nothing()] }'],
    files: { 'node_modules/empty/index.js': '' },
    says: [/^gateway\.config\.ts:2:28: TypeError: nothing is not a function/],
  },
  {
    title: 'a package that fails while it is loaded',
    lines: ["import { a } from 'failing'", 'export default { plugins: [a] }'],
    files: { 'node_modules/failing/index.js': "throw new Error('not today')" },
    says: [/^gateway\.config\.ts:1:20: the package "failing" cannot be loaded: Error: not today/],
  },
  {
    title: 'a package that waits while it is loaded',
    lines: ["import { a } from 'waiting'", 'export default { plugins: [a] }'],
    files: {
      'node_modules/waiting/package.json': '{ "type": "module", "exports": "./index.js" }',
      'node_modules/waiting/index.js': 'export const a = await 1',
    },
    says: [/^gateway\.config\.ts:1:20: the package "waiting" cannot be loaded: it uses top-level await/],
  },
  {
    title: 'something thrown that is not an error',
    lines: ["throw 'nothing works'"],
    says: [/^gateway\.config\.ts: the configuration threw "nothing works", which is not an error/],
  },
]

/** Options that a plugin refuses. */
export const brokenOptions: readonly BrokenConfig[] = [
  {
    title: 'a misspelled key, rather than the missing one that follows from it',
    lines: ["import { keyedProvider } from 'tokligence/plugins'", 'export default {', '  plugins: [', "    keyedProvider({ apikey: 'a-key' }),", '  ],', '}'],
    says: [/^gateway\.config\.ts:4:21: provider plugin "keyed-provider": unknown option "apikey"; did you mean "apiKey"\?/],
  },
  {
    title: 'a misspelled option',
    lines: [plugins, 'export default {', '  plugins: [', "    smallProvider({ id: 'eu', retris: 3 }),", '  ],', '}'],
    says: [/^gateway\.config\.ts:4:31: provider plugin "eu": unknown option "retris"; did you mean "retries"\?/],
  },
  {
    title: 'a misspelled option inside of another',
    lines: [plugins, 'export default {', '  plugins: [', '    smallProvider({', '      timeouts: {', '        conect: 10,', '      },', '    }),', '  ],', '}'],
    says: [/^gateway\.config\.ts:6:9: provider plugin "small-provider": unknown option "timeouts\.conect"; did you mean "connect"\?/],
  },
  {
    title: 'options of wrong types, all of them',
    lines: [plugins, 'export default {', '  plugins: [', "    smallProvider({ retries: 'many',", "      timeouts: { idle: 'long' } }),", '  ],', '}'],
    says: [
      /gateway\.config\.ts:4:21: provider plugin "small-provider": option "retries": expected number, received string\./,
      /gateway\.config\.ts:5:19: provider plugin "small-provider": option "timeouts\.idle": expected number, received string\./,
    ],
  },
  {
    title: 'an id that cannot stand in a log',
    lines: [plugins, "export default { plugins: [smallProvider({ id: 'EU West' })] }"],
    says: [/^gateway\.config\.ts:2:44: provider plugin "EU West": the option "id" must be lower-case/],
  },
  {
    title: 'a secret whose variable is not set',
    lines: [plugins, 'export default {', "  plugins: [smallProvider({ apiKey: { env: 'TOKLIGENCE_TEST_UNSET' } })],", '}'],
    code: 'TKL_CONFIG_SECRET_MISSING',
    says: [/^gateway\.config\.ts:3:13: provider plugin "small-provider": The environment variable TOKLIGENCE_TEST_UNSET is not set/],
  },
  {
    title: 'a secret whose file is not there',
    lines: [plugins, "export default { plugins: [smallProvider({ apiKey: { file: '/nowhere/key' } })] }"],
    code: 'TKL_CONFIG_SECRET_MISSING',
    says: [/^gateway\.config\.ts:2:28: .*secret file \/nowhere\/key cannot be read/],
  },
  {
    title: 'a secret that misspells where it comes from',
    lines: [plugins, "export default { plugins: [smallProvider({ apiKey: { evn: 'KEY' } })] }"],
    says: [/^gateway\.config\.ts:2:54: provider plugin "small-provider": unknown option "apiKey\.evn"; did you mean "env"\?/],
  },
]

/** Mistakes in what the configuration is. */
export const brokenShapes: readonly BrokenConfig[] = [
  { title: 'an empty file', lines: [''], says: [/^gateway\.config\.ts:1:1: the configuration has no default export; it must say export default defineConfig/] },
  {
    title: 'no default export',
    lines: ['', 'export const config = { plugins: [] }'],
    says: [/^gateway\.config\.ts:1:1: the configuration has no default export/],
  },
  {
    title: 'a plugin instead of a configuration',
    lines: [plugins, 'export default banner()'],
    says: [/^gateway\.config\.ts:2:1: the configuration is a single plugin/],
  },
  {
    title: 'a list instead of a configuration',
    lines: [plugins, 'export default [banner()]'],
    says: [/^gateway\.config\.ts:2:1: the configuration is a list/],
  },
  { title: 'a text instead of a configuration', lines: ["export default 'gateway'"], says: [/^gateway\.config\.ts:1:1: the configuration is "gateway"/] },
  {
    title: 'no list of plugins',
    lines: ['export default { listen: { port: 1 } }'],
    says: [/^gateway\.config\.ts:1:1: setting "plugins": must be a list of plugins/],
  },
  {
    title: 'a misspelled setting',
    lines: ['export default {', '  plugins: [],', '  drainTimout: 5,', '}'],
    says: [/^gateway\.config\.ts:3:3: unknown setting "drainTimout"; did you mean "drainTimeout"\?/],
  },
  {
    title: 'a misspelled setting inside of another',
    lines: ['export default {', '  plugins: [],', '  listen: { prot: 80 },', '}'],
    says: [/^gateway\.config\.ts:3:13: unknown setting "listen\.prot"; did you mean "port"\?/],
  },
  {
    title: 'a port that there cannot be',
    lines: ['export default {', '  listen: {', '    port: 80810,', '  },', '  plugins: [],', '}'],
    says: [/^gateway\.config\.ts:3:5: setting "listen\.port": Too big/],
  },
  {
    title: 'an unknown level of the log',
    lines: ["export default { plugins: [], log: { level: 'loud' } }"],
    says: [/^gateway\.config\.ts:1:38: setting "log\.level": expected one of .*"info"/],
  },
  {
    title: 'an origin with a path',
    lines: ["export default { plugins: [], allowedOrigins: ['http://localhost:3000/app'] }"],
    says: [/^gateway\.config\.ts:1:31: setting "allowedOrigins\.0": must be an origin such as/],
  },
  {
    title: 'a factory that is not called',
    lines: [plugins, 'export default {', '  plugins: [', '    banner(),', '    smallProvider,', '  ],', '}'],
    says: [/^gateway\.config\.ts:5:5: plugins\[1\] is the factory of the provider plugin "small-provider" itself; call it/],
  },
  {
    title: 'a function that makes plugins and is not called',
    lines: ['const preset = () => []', 'export default {', '  plugins: [preset],', '}'],
    says: [/^gateway\.config\.ts:3:13: plugins\[0\] is the function "preset", not a plugin; if it makes one, call it/],
  },
  {
    title: 'the name of a plugin',
    lines: ['export default {', "  plugins: ['small-provider'],", '}'],
    says: [/^gateway\.config\.ts:2:14: plugins\[0\] is the text "small-provider"; a plugin is made by calling its factory/],
  },
  {
    title: 'a promise of a plugin',
    lines: [plugins, 'export default {', '  plugins: [[Promise.resolve(banner())]],', '}'],
    says: [/^gateway\.config\.ts:3:3: plugins\[0\]\[0\] is a promise, and a list of plugins cannot wait/],
  },
  {
    title: 'a condition the wrong way round',
    lines: [plugins, 'export default {', '  plugins: [Boolean(banner) || banner()],', '}'],
    says: [/^gateway\.config\.ts:3:3: plugins\[0\] is true; write "condition && plugin\(\)"/],
  },
  {
    title: 'an object that is no plugin',
    lines: ['export default {', "  plugins: [{ provider: 'a', key: 'b' }],", '}'],
    says: [/^gateway\.config\.ts:2:3: plugins\[0\] is an object with the members provider, key, not a plugin/],
  },
  {
    title: 'a plugin for another version',
    lines: ['export default {', "  plugins: [{ kind: 'auth', id: 'future', name: 'future', apiVersion: 2, setup() {} }],", '}'],
    says: [/^gateway\.config\.ts:2:\d+: plugins\[0\] is the auth plugin "future" for version 2 of the plugin API; this gateway knows version 1/],
  },
  {
    title: 'two plugins with one id',
    lines: [plugins, 'export default {', "  plugins: [smallProvider({ id: 'eu' }), banner(), smallProvider({ id: 'eu' })],", '}'],
    code: 'TKL_PLUGIN_DUPLICATE',
    says: [/^gateway\.config\.ts:3:\d+: two provider plugins have the id "eu"; give one of them another: \{ id: 'eu-2' \}/],
  },
  {
    title: 'several mistakes, all of which are told',
    lines: [plugins, 'export default {', '  plugins: [banner, banner(), banner()],', '  freze: true,', '}'],
    says: [
      /gateway\.config\.ts:4:3: unknown setting "freze"; did you mean "freeze"\?/,
      /gateway\.config\.ts:3:13: plugins\[0\] is the factory/,
      /gateway\.config\.ts:3:13: two telemetry plugins/,
    ],
  },
]
