import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildFailure, build, type Loader, type Message, type OnResolveArgs, type OnResolveResult, type Plugin, type PluginBuild } from 'esbuild'
import { ConfigError, type ConfigProblem } from './config-error.ts'

/** Ends esbuild's own process, which otherwise stays ready for the next load. */
export { stop as stopBundler } from 'esbuild'

/**
 * Gives the running instance's own module for `tokligence` and `tokligence/*`, so that a configuration never sets up plugins of a second copy;
 * undefined for one that it does not have.
 */
export type HostModules = (specifier: string) => object | undefined

export interface Bundle {
  /** CommonJS with an inline source map. Free names: `module`, `exports`, `require` and `interopDefault`. */
  readonly code: string
  /** Absolute paths of the configuration and everything local that it imports. */
  readonly files: readonly string[]
  /** Absolute path of each imported package's module → who imports it by which name. */
  readonly packages: ReadonlyMap<string, PackageImport>
}

export interface PackageImport {
  readonly specifier: string
  readonly importer: string
}

/** Bundles a configuration with its local imports. Throws ConfigError with the place of each mistake. */
export async function bundleConfig(path: string, hostModules: HostModules, cwd: string): Promise<Bundle> {
  const files = new Set<string>([path])
  const packages = new Map<string, PackageImport>()
  try {
    const result = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      format: 'cjs',
      // What is written as a module is strict; esbuild leaves that out when it makes CommonJS of it. It counts the line in the source map.
      banner: { js: '"use strict";' },
      platform: 'node',
      target: 'node20.19',
      // The conditions of Node's own `import`; without it esbuild adds `module`, which is meant for bundlers.
      conditions: ['module-sync'],
      // An `import()` would need a module loader callback, and what it loads is never freed.
      supported: { 'dynamic-import': false },
      define: { 'import.meta.url': '__config_url', 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' },
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      absWorkingDir: dirname(path),
      outdir: dirname(path),
      plugins: [configModules({ files, packages, hostModules })],
    })
    return { code: result.outputFiles[0]?.text ?? '', files: [...files], packages }
  } catch (error) {
    if (!isBuildFailure(error)) throw error
    throw new ConfigError(
      error.errors.map((message) => describe(message, dirname(path))),
      { cwd, files: [...files], cause: error },
    )
  }
}

interface ModuleSources {
  readonly files: Set<string>
  readonly packages: Map<string, PackageImport>
  readonly hostModules: HostModules
}

/** Marks the question that we ask esbuild ourselves. */
const resolving = Symbol('resolving')

function configModules(sources: ModuleSources): Plugin {
  return {
    name: 'config-modules',
    setup(context) {
      context.onResolve({ filter: /.*/ }, (request) => resolveModule(request, context, sources))
      context.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, ({ path }) => ({ contents: withLocation(path), loader: loaderOf(path) }))
      context.onLoad({ filter: /.*/, namespace: 'host' }, ({ path }) => ({ contents: hostModuleSource(path, sources.hostModules) }))
      context.onLoad({ filter: /.*/, namespace: 'package' }, ({ path }) => ({ contents: packageSource(path), resolveDir: '/' }))
    },
  }
}

async function resolveModule(
  request: OnResolveArgs,
  context: PluginBuild,
  { files, packages, hostModules }: ModuleSources,
): Promise<OnResolveResult | undefined> {
  if (request.pluginData === resolving) return undefined
  const { path: specifier, importer, resolveDir, kind } = request
  if (request.namespace === 'host' || request.namespace === 'package' || kind === 'require-resolve') return { path: specifier, external: true }
  if (/^tokligence(\/|$)/.test(specifier)) return resolveHost(specifier, hostModules)
  const found = await context.resolve(specifier, { importer, namespace: request.namespace, resolveDir, kind, pluginData: resolving })
  if (found.errors.length > 0) {
    if (specifier.startsWith('.')) for (const path of candidates(resolve(resolveDir, specifier))) files.add(path)
    return { errors: found.errors, warnings: found.warnings }
  }
  if (!found.external && !found.path.includes(`${sep}node_modules${sep}`)) {
    files.add(found.path)
    return { path: found.path }
  }
  packages.set(found.path, { specifier, importer })
  return kind === 'require-call' ? { path: found.path, external: true } : { path: found.path, namespace: 'package' }
}

function resolveHost(specifier: string, hostModules: HostModules): OnResolveResult {
  if (hostModules(specifier)) return { path: specifier, namespace: 'host' }
  return { errors: [{ text: `this gateway has no module "${specifier}".` }] }
}

/** Names every export, so that a misspelled import is found with its place and the nearest name. */
function hostModuleSource(specifier: string, hostModules: HostModules): string {
  const names = Object.keys(hostModules(specifier) ?? {}).filter((name) => name !== '__esModule')
  const values = names.map((name, index) => `const v${index} = host[${JSON.stringify(name)}]`)
  return [`const host = require(${JSON.stringify(specifier)})`, ...values, `export { ${names.map((name, index) => `v${index} as ${name}`).join(', ')} }`].join(
    '\n',
  )
}

/** A package is not bundled. Its default export is what Node's `import` would give, which esbuild's own interoperation is not for every file type. */
function packageSource(path: string): string {
  const name = JSON.stringify(path)
  return `export * from ${name}\nexport default interopDefault(require(${name}))`
}

/** Gives a module that asks for its own place that place. All on the first line, so that line numbers stay. */
function withLocation(path: string): string {
  const source = readFileSync(path, 'utf8')
  if (!/\bimport\.meta\b|\b__(?:dir|file)name\b/.test(source) || source.startsWith('#!')) return source
  const place = { __config_url: pathToFileURL(path).href, __filename: path, __dirname: dirname(path) }
  const declarations = Object.entries(place).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`)
  return `${declarations.join(' ')} ${source}`
}

function loaderOf(path: string): Loader {
  const extension = extname(path)
  if (extension === '.tsx' || extension === '.jsx') return extension === '.tsx' ? 'tsx' : 'jsx'
  return extension.includes('t') ? 'ts' : 'js'
}

/** Where a local import that does not exist yet may appear. */
function candidates(path: string): string[] {
  const extension = extname(path)
  const stem = path.slice(0, path.length - extension.length)
  return ['', '.ts', '.mts', '.js', '.mjs', '.json'].flatMap((tail) => [path + tail, stem + tail]).filter((candidate) => !existsSync(candidate))
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

function describe({ text, location, notes }: Message, folder: string): ConfigProblem {
  const message = reword(
    text,
    location?.suggestion,
    notes.map((note) => note.text),
  )
  if (!location || (location.namespace !== 'file' && location.namespace !== '')) return { message }
  // esbuild counts bytes.
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString('utf8')
  return { message, file: resolve(folder, location.file), line: location.line, column: before.length + 1 }
}

/** esbuild's words, in terms of a configuration. */
function reword(text: string, suggestion: string | undefined, notes: readonly string[]): string {
  if (text.startsWith('Top-level await'))
    return 'a configuration cannot use top-level await: export a function that returns it, or read what it needs synchronously.'
  const missing = /^Could not resolve "(.+)"$/.exec(text)?.[1]
  if (missing !== undefined) {
    if (/^[./]/.test(missing)) return `there is no file "${missing}".`
    const unexported = notes.find((note) => note.includes('is not exported'))
    return unexported
      ? `"${missing}" cannot be imported: ${unexported.replace(/:?$/, '.')}`
      : `there is no package "${missing}" here; install it (npm install ${missing}) or correct its name.`
  }
  const unmatched = /^No matching export in "(?:host:)?(.+)" for import "(.+)"$/.exec(text)
  if (unmatched) return `"${unmatched[1]}" has no export "${unmatched[2]}"${suggestion ? `; did you mean "${suggestion}"?` : '.'}`
  return text
}
