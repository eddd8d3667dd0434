import type { PluginApi } from 'tokligence'

/** Claude Code asks this before anything else, without a key, to learn whether it can get through at all; any answer of status 200 will do. */
export function addHelloRoutes(api: PluginApi): void {
  for (const prefix of ['', '/anthropic'])
    for (const method of ['HEAD', 'GET'] as const)
      api.addRoute({ method, path: `${prefix}/api/hello`, open: true, handle: () => ({ status: 200, body: { message: 'hello' } }) })
}
