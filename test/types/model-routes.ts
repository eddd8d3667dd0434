// Compiled by tsc, never run: whether a route may name a provider is decided by types.
import { defineConfig, type Plugin, type RoutesTo } from 'tokligence'
import environment from 'tokligence/plugins/preset/environment'
import anthropic from 'tokligence/plugins/provider/anthropic'
import openai from 'tokligence/plugins/provider/openai'
import modelRoutes from 'tokligence/plugins/router/model-routes'

declare const enabled: boolean
declare const fromEnvironment: string
declare const named: Record<string, string>

const both = () => [openai(), anthropic()]
const deep = () => [[openai()], [[anthropic()]]] as const
const widened = (): Plugin[] => [openai()]
const widenedProvider = (): Plugin<'provider'> => openai()

/** The ids that the type of a routes plugin names. */
type Named<Entry> = Entry extends RoutesTo<infer Id> ? Id : never
const routes = modelRoutes({ 'gpt-*': 'openai', fast: 'anthropic/claude/haiku', strict: { to: 'eu/gpt-5', onLoss: 'reject' } })
export const exact: ['openai' | 'anthropic' | 'eu', Named<typeof routes>] extends [Named<typeof routes>, 'openai' | 'anthropic' | 'eu'] ? true : never = true

export const flat = [
  defineConfig({ plugins: [openai(), modelRoutes({ 'gpt-*': 'openai' })] }),
  defineConfig({ plugins: [modelRoutes({ 'gpt-*': 'openai' }), openai()] }),
  defineConfig({ plugins: [openai(), anthropic(), modelRoutes({ 'gpt-*': 'openai', fast: 'anthropic/some/model' })] }),
  defineConfig({ plugins: [openai()] }),
  defineConfig({ plugins: [] }),
  // @ts-expect-error no plugin is called 'openia'
  defineConfig({ plugins: [openai(), modelRoutes({ 'gpt-*': 'openia' })] }),
  // @ts-expect-error nor when a model stands behind it
  defineConfig({ plugins: [openai(), modelRoutes({ fast: 'anthropic/some-model' })] }),
  // @ts-expect-error nor when the route has a policy
  defineConfig({ plugins: [openai(), modelRoutes({ fast: { to: 'anthropic/some-model', onLoss: 'reject' } })] }),
  // @ts-expect-error one right route does not excuse a wrong one
  defineConfig({ plugins: [openai(), modelRoutes({ 'gpt-*': 'openai', '*': 'anthropic' })] }),
  // @ts-expect-error nor does a second router
  defineConfig({ plugins: [openai(), modelRoutes({ 'gpt-*': 'openai' }), modelRoutes({ '*': 'anthropic' }, { id: 'second' })] }),
  // @ts-expect-error there is no provider at all
  defineConfig({ plugins: [modelRoutes({ 'gpt-*': 'openai' })] }),
  // @ts-expect-error a router's id is not a provider's
  defineConfig({ plugins: [openai(), modelRoutes({ 'gpt-*': 'model-routes' })] }),
]

export const nested = [
  defineConfig({ plugins: [[openai(), [anthropic()]], [[modelRoutes({ a: 'openai', b: 'anthropic' })]]] }),
  // @ts-expect-error the provider is missing in any depth
  defineConfig({ plugins: [[openai(), []], [[modelRoutes({ a: 'openai', b: 'anthropic' })]]] }),
]

export const falsy = [
  defineConfig({ plugins: [enabled && openai(), modelRoutes({ 'gpt-*': 'openai' }), null, undefined, false, 0, ''] }),
  defineConfig({ plugins: [process.env.SOME_KEY && openai(), enabled ? anthropic() : undefined, modelRoutes({ a: 'openai', b: 'anthropic' })] }),
  defineConfig({ plugins: [openai(), enabled && [anthropic()], enabled && modelRoutes({ '*': 'anthropic' })] }),
  // @ts-expect-error a condition hides nothing
  defineConfig({ plugins: [enabled && openai(), enabled && modelRoutes({ 'gpt-*': 'openia' })] }),
  // @ts-expect-error nor does an empty string before the provider
  defineConfig({ plugins: [process.env.SOME_KEY && openai(), modelRoutes({ '*': 'anthropic' })] }),
]

export const presets = [
  defineConfig({ plugins: [both(), modelRoutes({ a: 'openai', b: 'anthropic' })] }),
  defineConfig({ plugins: [deep(), modelRoutes({ a: 'openai', b: 'anthropic' })] }),
  defineConfig({ plugins: [...both(), modelRoutes({ a: 'openai', b: 'anthropic' })] }),
  // @ts-expect-error no entry of the preset is called 'gemini'
  defineConfig({ plugins: [both(), modelRoutes({ '*': 'gemini' })] }),
  // @ts-expect-error nor of the nested one
  defineConfig({ plugins: [deep(), modelRoutes({ '*': 'gemini' })] }),
  // @ts-expect-error nor when it is spread
  defineConfig({ plugins: [...both(), modelRoutes({ '*': 'gemini' })] }),
]

export const customIds = [
  defineConfig({ plugins: [openai({ id: 'openai-eu' }), modelRoutes({ 'gpt-*': 'openai-eu', fast: 'openai-eu/gpt-5-mini' })] }),
  defineConfig({ plugins: [openai(), openai({ id: 'openai-eu' }), modelRoutes({ a: 'openai', b: 'openai-eu' })] }),
  // @ts-expect-error with an id of its own it is not called by its name any more
  defineConfig({ plugins: [openai({ id: 'openai-eu' }), modelRoutes({ 'gpt-*': 'openai' })] }),
]

/** Where ids are not literal, the check is left to boot. */
export const notLiteral = [
  defineConfig({ plugins: [openai({ id: fromEnvironment }), modelRoutes({ '*': 'anything' })] }),
  defineConfig({ plugins: [openai(), modelRoutes({ '*': fromEnvironment })] }),
  defineConfig({ plugins: [openai(), modelRoutes(named)] }),
  defineConfig({ plugins: [environment(), modelRoutes({ '*': 'anything' })] }),
  defineConfig({ plugins: [widened(), modelRoutes({ '*': 'anything' })] }),
  defineConfig({ plugins: [widenedProvider(), modelRoutes({ '*': 'anything' })] }),
]

export const settings = [
  defineConfig({ listen: { port: 8081 }, onLoss: 'reject', log: { level: 'debug' }, plugins: [openai()] }),
  // @ts-expect-error there is no such setting
  defineConfig({ lisen: { port: 8081 }, plugins: [openai()] }),
  // @ts-expect-error a port is a number
  defineConfig({ listen: { port: '8081' }, plugins: [openai()] }),
  // @ts-expect-error there is no such policy
  defineConfig({ onLoss: 'ignore', plugins: [openai()] }),
  // @ts-expect-error a factory is no plugin until it is called
  defineConfig({ plugins: [openai] }),
  // @ts-expect-error plugins are required
  defineConfig({ listen: { port: 8081 } }),
]
