import { GatewayError, type Json, type ModelCard, type PluginApi, type PluginResponse } from 'tokligence'
import { findModel } from '../../models/directory/find-model.ts'
import { encodeError } from './failure/encode-error.ts'
import { endpointBases } from './wire/endpoint-bases.ts'
import { protocolId } from './wire/wire-memo.ts'

/** `GET /v1/models`, and the same beside Google's endpoints, in this protocol's shape, which is also the one for callers that no other protocol claims. */
export function addModelRoutes(api: PluginApi): void {
  const list = async (): Promise<readonly ModelCard[]> => (await api.registry.all('models')[0]?.[1].list()) ?? []
  for (const base of endpointBases) {
    api.addRoute({
      method: 'GET',
      path: `${base}/models`,
      protocol: protocolId,
      handle: async () => ({ status: 200, body: { object: 'list', data: (await list()).map(modelObject) } }),
    })
    api.addRoute({
      method: 'GET',
      // Ids of models may hold slashes.
      path: `${base}/models/*`,
      protocol: protocolId,
      handle: async ({ params }) => {
        const id = params['*'] ?? ''
        const found = await findModel(api.registry, id, protocolId)
        return found ? { status: 200, body: modelObject(found.card) as object } : unknownModel(id)
      },
    })
  }
}

/** openai 6.49.0, Model: `created` is demanded; 0 stands for "not known". */
function modelObject(card: ModelCard): Json {
  return { id: card.id, object: 'model', created: card.created ?? 0, owned_by: card.ownedBy ?? card.provider }
}

function unknownModel(id: string): PluginResponse {
  const error = new GatewayError('TKL_MODEL_NOT_FOUND', `The model "${id}" is not known here.`, { param: 'model' })
  return { status: error.status, body: encodeError(error.toWire()) }
}
