import { createRequire } from 'node:module'
import { types } from 'node:util'
import { compileFunction } from 'node:vm'
import type { Bundle, HostModules } from './bundle.ts'

/** How stack frames of the bundle begin; tells them from frames that Node has mapped to the sources itself. */
export function bundleName(path: string): string {
  return `tokligence-config:${path}`
}

/**
 * Runs a bundle and answers with its default export. Not by `import()`: what that loads stays in memory for ever, and a configuration is loaded
 * again with every change. Throws whatever the configuration throws.
 */
export function runBundle(path: string, bundle: Bundle, hostModules: HostModules): unknown {
  const main = compileFunction(bundle.code, ['module', 'exports', 'require', 'interopDefault'], { filename: bundleName(path) })
  const module = { exports: {} as unknown }
  const previousLimit = Error.stackTraceLimit
  // The configuration's own frame must be in the stack, however deep in a package the error is.
  Error.stackTraceLimit = 100
  try {
    main(module, module.exports, requireFrom(path, hostModules), interopDefault)
  } finally {
    Error.stackTraceLimit = previousLimit
  }
  const { exports } = module
  return hasDefault(exports) ? exports.default : exports
}

/** `require` as in the configuration's folder, but for the running instance's own modules. */
function requireFrom(path: string, hostModules: HostModules): NodeJS.Require {
  const native = createRequire(path)
  return Object.assign((specifier: string): unknown => hostModules(specifier) ?? native(specifier), native)
}

/** What Node gives as the default export: a CommonJS module's whole `module.exports`, an ES module's own default. */
function interopDefault(module: unknown): unknown {
  return types.isModuleNamespaceObject(module) ? (module as { readonly default?: unknown }).default : module
}

/** esbuild marks what was an ES module. */
function hasDefault(exports: unknown): exports is { readonly default?: unknown } {
  return typeof exports === 'object' && exports !== null && '__esModule' in exports
}
