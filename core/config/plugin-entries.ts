import { types } from 'node:util'
import type { Plugin } from '../plugin.ts'
import type { ConfigProblem } from './config-error.ts'

export interface PluginEntries {
  readonly plugins: readonly Plugin[]
  /** What is in the list and is no plugin. */
  readonly problems: readonly ConfigProblem[]
  readonly duplicates: readonly ConfigProblem[]
}

/** Flattens the list of plugins, leaves out what is falsy, and tells what does not belong there. */
export function readPluginEntries(list: unknown): PluginEntries {
  const entries = flatten(list, 'plugins')
  const plugins = entries.map(({ value }) => value).filter(isPlugin)
  return { plugins, problems: entries.flatMap((entry) => entryProblem(entry) ?? []), duplicates: findDuplicates(plugins) }
}

export function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== 'object' || value === null) return false
  const { kind, id, name, setup, apiVersion } = value as Partial<Record<keyof Plugin, unknown>>
  return typeof kind === 'string' && typeof id === 'string' && typeof name === 'string' && typeof setup === 'function' && apiVersion === 1
}

export function describeValue(value: unknown): string {
  if (types.isPromise(value)) return 'a promise'
  if (typeof value === 'object' && value !== null) return `an object with the members ${Object.keys(value).slice(0, 5).join(', ') || '(none)'}`
  return typeof value === 'symbol' || typeof value === 'function' ? `a ${typeof value}` : (JSON.stringify(value) ?? String(value))
}

interface Entry {
  readonly value: unknown
  /** Such as `plugins[2][0]`. */
  readonly path: string
}

function flatten(value: unknown, path: string): Entry[] {
  if (Array.isArray(value)) return value.flatMap((inner: unknown, index) => flatten(inner, `${path}[${index}]`))
  return value ? [{ value, path }] : []
}

function entryProblem({ value, path }: Entry): ConfigProblem | undefined {
  if (isPlugin(value)) return undefined
  if (typeof value === 'function') return { message: `${path} is ${describeFunction(value)}`, words: [camelCase(nameOf(value)), 'plugins'] }
  if (typeof value === 'string')
    return { message: `${path} is the text "${value}"; a plugin is made by calling its factory, which is imported.`, words: [value, 'plugins'] }
  if (types.isPromise(value))
    return {
      message: `${path} is a promise, and a list of plugins cannot wait: make an async function the default export and await in it.`,
      words: ['plugins'],
    }
  if (value === true) return { message: `${path} is true; write "condition && plugin()" for a plugin with a condition.`, words: ['plugins'] }
  if (types.isModuleNamespaceObject(value)) return { message: `${path} is a whole module; import the factory from it and call that.`, words: ['plugins'] }
  if (isForeignPlugin(value))
    return {
      message: `${path} is the ${value.kind} plugin "${value.id}" for version ${String(value.apiVersion)} of the plugin API; this gateway knows version 1.`,
      words: [camelCase(value.id), 'plugins'],
    }
  return { message: `${path} is ${describeValue(value)}, not a plugin; a plugin is what a factory made by definePlugin answers with.`, words: ['plugins'] }
}

function describeFunction(factory: Function): string {
  const definition = definitionOf(factory)
  if (!definition) return `the function "${factory.name || 'anonymous'}", not a plugin; if it makes one, call it: put () after its name.`
  return `the factory of the ${definition.kind} plugin "${definition.name}" itself; call it: put () after its name.`
}

function nameOf(factory: Function): string {
  return definitionOf(factory)?.name ?? factory.name
}

function definitionOf(factory: Function): { readonly kind: string; readonly name: string } | undefined {
  const definition: unknown = 'definition' in factory ? factory.definition : undefined
  const isDefinition = typeof definition === 'object' && definition !== null && 'kind' in definition && 'name' in definition
  return isDefinition ? { kind: String(definition.kind), name: String(definition.name) } : undefined
}

function isForeignPlugin(value: unknown): value is { readonly kind: string; readonly id: string; readonly apiVersion: unknown } {
  const isPluginLike = typeof value === 'object' && value !== null && 'kind' in value && 'id' in value && 'setup' in value
  return isPluginLike && 'apiVersion' in value && value.apiVersion !== 1 && typeof value.id === 'string'
}

function findDuplicates(plugins: readonly Plugin[]): ConfigProblem[] {
  const seen = new Set<string>()
  return plugins.flatMap(({ kind, id, name }) => {
    const key = `${kind}/${id}`
    if (seen.has(key)) {
      const message = `two ${kind} plugins have the id "${id}"; give one of them another: { id: '${id}-2' }.`
      return [{ message, words: [id, camelCase(name), 'plugins'] }]
    }
    seen.add(key)
    return []
  })
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase())
}
