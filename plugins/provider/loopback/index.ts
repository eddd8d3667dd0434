import { definePlugin, type Operation, type ProtocolId, type Provider } from 'tokligence'
import { z } from 'zod'
import { endpointPath, loopbackOrigin } from './endpoint.ts'
import { createExchange } from './exchange.ts'

const modelNames = ['loopback', 'loopback-embed', 'loopback-tool', 'loopback-think', 'loopback-error', 'loopback-slow']

export const loopback = definePlugin({
  kind: 'provider',
  name: 'loopback',
  apiVersion: 1,
  description: 'Answers in this process, in every protocol, for work without a network.',
  options: z.strictObject({}),
  setup(api): Provider {
    const { registry } = api
    const supports = (protocol: ProtocolId, operation: Operation) => {
      const spoken = registry.find('protocol', protocol)
      if (!spoken) return false
      if (operation === 'count-tokens') return spoken.tokenCount !== undefined
      if (operation === 'embed' || operation === 'embed-one') return spoken.embeddings !== undefined
      return operation === 'generate'
    }
    return {
      // Protocol plugins may be set up after this one.
      get protocols() {
        return registry.all('protocol').map(([id]) => id)
      },
      account: 'none',
      streamUsage: true,
      supports,
      open: (call) => ({
        method: 'POST',
        origin: loopbackOrigin,
        path: endpointPath(call),
        headers: {},
        timeouts: { connect: 0, firstByte: 0, idle: 0 },
      }),
      exchange: createExchange(registry),
      listModels: async () => modelNames.map((id) => ({ id, provider: api.id, ownedBy: 'loopback', displayName: id })),
    }
  },
})

export default loopback
