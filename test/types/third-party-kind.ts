// Compiled by tsc, never run: what a package does that brings a kind of its own.
import { definePlugin, type PluginApi } from 'tokligence'
import { z } from 'zod'

interface Almanac {
  moonPhase(date: Date): number
}

declare module 'tokligence' {
  interface PluginKinds {
    almanac: Almanac
  }
}

const options = z.strictObject({ hemisphere: z.enum(['north', 'south']) })

export const moon = definePlugin({
  kind: 'almanac',
  name: 'moon',
  apiVersion: 1,
  options,
  setup: (_api, { hemisphere }) => ({ moonPhase: () => (hemisphere === 'north' ? 0.25 : 0.75) }),
})

export const configured = moon({ hemisphere: 'south' })

// @ts-expect-error the new kind's contract is checked like the built-in ones
export const empty = definePlugin({ kind: 'almanac', name: 'empty', apiVersion: 1, options, setup: () => ({}) })

export function lookUp(api: PluginApi): number | undefined {
  return api.registry.get('almanac', 'moon')?.moonPhase(new Date())
}
