import type { z } from 'zod'
import { GatewayError } from '../errors.ts'
import type { Plugin, PluginDefinition, PluginFactory, PluginKind } from '../plugin.ts'
import { describeIssues, describeUnknown } from './describe-issues.ts'

const identifier = /^[a-z0-9][a-z0-9._-]*$/
const kindName = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/**
 * Makes a typed factory from a plugin's definition. Throws GatewayError `TKL_CONFIG_INVALID` when its API version is not this gateway's. Options are checked when the factory is called, so that the stack of the
 * GatewayError `TKL_CONFIG_INVALID` points at the user's own line.
 */
export function definePlugin<Kind extends PluginKind, const Name extends string, Schema extends z.ZodType>(
  definition: PluginDefinition<Kind, Name, Schema>,
): PluginFactory<Kind, Name, Schema> {
  checkDefinition(definition)
  const factory = (input?: { readonly id?: string }): Plugin<Kind, string> => {
    if (input !== undefined && (typeof input !== 'object' || input === null || Array.isArray(input)))
      throw new GatewayError('TKL_CONFIG_INVALID', `${definition.kind} plugin "${definition.name}": options must be an object.`)
    const { id = definition.name, ...given } = input ?? {}
    const where = `${definition.kind} plugin "${id}"`
    if (typeof id !== 'string' || !identifier.test(id))
      throw new GatewayError('TKL_CONFIG_INVALID', `${where}: the option "id" must be lower-case letters, digits, ".", "_" or "-" (got ${JSON.stringify(id)}).`)
    let parsed: ReturnType<typeof definition.options.safeParse>
    try {
      parsed = definition.options.safeParse(given)
    } catch (error) {
      // A secret that is not there must not hide that its option is misspelled.
      const unknown = describeUnknown(where, given, definition.options)
      if (unknown !== undefined) throw new GatewayError('TKL_CONFIG_INVALID', unknown, { cause: error })
      if (GatewayError.is(error)) throw new GatewayError(error.code, `${where}: ${error.message}`, { cause: error })
      throw error
    }
    if (!parsed.success) throw new GatewayError('TKL_CONFIG_INVALID', describeIssues(where, parsed.error, definition.options))
    const options = parsed.data as z.output<Schema>
    return { kind: definition.kind, id, name: definition.name, apiVersion: definition.apiVersion, setup: (api) => definition.setup(api, options) }
  }
  return Object.assign(factory, { definition }) as unknown as PluginFactory<Kind, Name, Schema>
}

/** For definitions that no type check has seen. */
function checkDefinition({ kind, name, apiVersion }: { readonly kind: unknown; readonly name: unknown; readonly apiVersion: unknown }): void {
  const who = `definePlugin: the plugin "${String(name)}"`
  if (typeof kind !== 'string' || !kindName.test(kind))
    throw new GatewayError('TKL_CONFIG_INVALID', `${who} has the kind ${JSON.stringify(kind)}; a kind is a kebab-case word such as "telemetry".`)
  if (apiVersion !== 1)
    throw new GatewayError(
      'TKL_CONFIG_INVALID',
      `${who} is for version ${JSON.stringify(apiVersion)} of the plugin API; this gateway knows version 1 (apiVersion: 1).`,
    )
}
