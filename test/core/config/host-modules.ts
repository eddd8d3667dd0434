import * as tokligence from 'tokligence'
import { definePlugin, secret } from 'tokligence'
import { z } from 'zod'
import { resolveSecret } from '../../../core/config/secret.ts'

/** Small plugins, so that these tests are about loading and nothing else. */
const provider = definePlugin({
  kind: 'provider',
  name: 'small-provider',
  apiVersion: 1,
  options: z.strictObject({
    apiKey: secret().optional(),
    retries: z.number().int().min(0).optional(),
    timeouts: z.strictObject({ connect: z.number().optional(), idle: z.number().optional() }).optional(),
  }),
  setup: () => {
    throw new Error('not set up in these tests')
  },
})

/** Looks for its key elsewhere when it is not given. */
const keyedProvider = definePlugin({
  kind: 'provider',
  name: 'keyed-provider',
  apiVersion: 1,
  options: z.strictObject({ apiKey: secret().optional() }).overwrite(({ apiKey }) => ({ apiKey: apiKey ?? resolveSecret({ env: 'TOKLIGENCE_TEST_UNSET' }) })),
  setup: () => {
    throw new Error('not set up in these tests')
  },
})

const banner = definePlugin({
  kind: 'telemetry',
  name: 'banner',
  apiVersion: 1,
  options: z.strictObject({ text: z.string().optional() }),
  setup: () => undefined,
})

const plugins = { smallProvider: provider, keyedProvider, banner, default: { provider, banner } }

const modules: Readonly<Record<string, object>> = {
  tokligence,
  'tokligence/plugins': plugins,
  'tokligence/plugins/telemetry/banner': { default: banner, banner },
}

/** What a configuration gets for `tokligence` and `tokligence/plugins`. */
export function hostModules(specifier: string): object | undefined {
  return modules[specifier]
}
