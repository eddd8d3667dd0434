import { createRequire } from 'node:module'
import { definePlugin, type PluginResponse } from 'tokligence'
import { z } from 'zod'

const { version } = createRequire(import.meta.url)('tokligence/package.json') as { readonly version: string }

export const health = definePlugin({
  kind: 'admin',
  name: 'health',
  apiVersion: 1,
  description: 'GET /health for load balancers and people.',
  options: z.strictObject({}),
  setup(api) {
    // Shared, so that a reload does not look like a restart.
    const startedAt = api.shared('admin/health/started-at', Date.now, () => undefined)
    const answer = (): PluginResponse => ({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        status: 'ok',
        version,
        uptimeSeconds: Math.floor((Date.now() - startedAt) / 1000),
        providers: api.registry.all('provider').map(([id]) => id),
        protocols: api.registry.all('protocol').map(([, protocol]) => protocol.id),
      },
    })
    // A load balancer has no key.
    api.addRoute({ method: 'GET', path: '/health', open: true, handle: answer })
    api.addRoute({ method: 'HEAD', path: '/health', open: true, handle: answer })
  },
})

export default health
