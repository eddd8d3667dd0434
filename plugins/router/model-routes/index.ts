import { definePlugin, type LossPolicy, type Plugin, type RoutesTo } from 'tokligence'
import { z } from 'zod'
import { createRouter } from './router.ts'
import { type ProviderIdsNamedIn, parseTarget } from './target.ts'

/** `provider` keeps the model's name, `provider/model` replaces it. */
export type Target = string | { readonly to: string; readonly onLoss?: LossPolicy }

const targetText = z.string().refine((text) => parseTarget(text) !== undefined, 'must be "provider" or "provider/model"')

const target = z.union([targetText, z.strictObject({ to: targetText, onLoss: z.enum(['allow', 'report', 'reject']).optional() })])

const routes = z.record(z.string().min(1), target).superRefine((record, context) => {
  const seen = new Map<string, string>()
  for (const pattern of Object.keys(record)) {
    const twin = seen.get(pattern.toLowerCase())
    if (twin !== undefined) context.addIssue({ code: 'custom', path: [pattern], message: `is the same pattern as "${twin}", because case does not count` })
    seen.set(pattern.toLowerCase(), pattern)
  }
})

const factory = definePlugin({
  kind: 'router',
  name: 'model-routes',
  apiVersion: 1,
  description: 'Chooses the provider by the model’s name.',
  options: z.strictObject({ routes }),
  setup: (_api, { routes }) => createRouter(routes),
})

/**
 * Routes by model name. A pattern may hold `*`; the most specific one wins: a name without `*`, then the one with the most other characters, then
 * the one declared first. Provider ids are checked against the configuration's providers when it is compiled, and at boot.
 */
export function modelRoutes<const Routes extends Readonly<Record<string, Target>>, const Id extends string = 'model-routes'>(
  routes: Routes,
  options: { readonly id?: Id } = {},
): Plugin<'router', Id> & RoutesTo<ProviderIdsNamedIn<Routes>> {
  const plugin: Plugin<'router'> = options.id === undefined ? factory({ routes }) : factory({ routes, id: options.id })
  return plugin as Plugin<'router', Id>
}

modelRoutes.definition = factory.definition

export default modelRoutes
