import {
  GatewayError,
  type Json,
  type ModelCard,
  type ModelFacts,
  type ModelSource,
  type PluginApi,
  type PluginRequest,
  type PluginResponse,
  type RouteClaims,
} from 'tokligence'
import { findModel } from '../../models/directory/find-model.ts'
import { encodeError } from './failure/encode-error.ts'
import { bareModel, versions } from './request/model-path.ts'
import { protocolId } from './wire/wire-memo.ts'

/** ai.google.dev/api/models#method:-models.list: 50 when nothing is said, 1,000 at the most. */
const usualPage = 50
const largestPage = 1_000

/** The vendor's clients send the key in a header of their own, or in the query. Other protocols have their lists on `/v1/models` too. */
const claims: RouteClaims = (headers, query) => headers['x-goog-api-key'] !== undefined || query.has('key')

/** `GET …/models` of every version in this protocol's shape. */
export function addModelRoutes(api: PluginApi): void {
  const source = (): ModelSource | undefined => api.registry.all('models')[0]?.[1]
  for (const version of versions) {
    const claimed = version === 'v1' ? claims : undefined
    const shared = { method: 'GET', protocol: protocolId, ...(claimed && { claims: claimed }) } as const
    api.addRoute({ ...shared, path: `/${version}/models`, handle: (request) => listModels(source(), request) })
    // Ids of models may hold slashes.
    api.addRoute({ ...shared, path: `/${version}/models/*`, handle: ({ params }) => getModel(api, bareModel(params['*'] ?? '')) })
  }
}

async function listModels(source: ModelSource | undefined, { context }: PluginRequest): Promise<PluginResponse> {
  const size = numberOf(context.query.get('pageSize'), usualPage)
  const start = numberOf(context.query.get('pageToken'), 0)
  if (size === undefined) return refusal(invalid('pageSize', 'a whole number, 0 or more'))
  if (start === undefined) return refusal(invalid('pageToken', 'the nextPageToken of an earlier page'))
  const cards = (await source?.list()) ?? []
  const end = start + Math.min(size || usualPage, largestPage)
  const models = cards.slice(start, end).map((card) => modelObject(card, source?.facts(card.id) ?? {}))
  return { status: 200, body: { models, ...(end < cards.length && { nextPageToken: String(end) }) } }
}

/** Undefined for what is no whole number from 0 on. A page token is the number of models before the page. */
function numberOf(text: string | null, usual: number): number | undefined {
  if (text === null || text === '') return usual
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

async function getModel({ registry }: PluginApi, id: string): Promise<PluginResponse> {
  const found = await findModel(registry, id, protocolId)
  if (found) return { status: 200, body: modelObject(found.card, found.facts) as object }
  return refusal(new GatewayError('TKL_MODEL_NOT_FOUND', `The model "${id}" is not known here.`, { param: 'model' }))
}

/** ai.google.dev/api/models, Model. `version` is demanded and not known of models behind a gateway. */
function modelObject(card: ModelCard, { contextWindow, maxOutputTokens, thinking }: ModelFacts): Json {
  return {
    name: `models/${card.id}`,
    baseModelId: card.id,
    version: 'unknown',
    displayName: card.displayName ?? card.id,
    ...(contextWindow !== undefined && { inputTokenLimit: contextWindow }),
    ...(maxOutputTokens !== undefined && { outputTokenLimit: maxOutputTokens }),
    supportedGenerationMethods: /embed/i.test(card.id) ? ['embedContent', 'batchEmbedContents'] : ['generateContent', 'streamGenerateContent', 'countTokens'],
    ...(thinking !== undefined && { thinking: thinking !== 'none' }),
  }
}

function invalid(param: string, expected: string): GatewayError {
  return new GatewayError('TKL_REQUEST_INVALID', `"${param}" must be ${expected}.`, { param })
}

function refusal(error: GatewayError): PluginResponse {
  return { status: error.status, body: encodeError(error.toWire()) as object }
}
