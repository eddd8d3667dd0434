import { GatewayError, type ModelCard, type ModelFacts, type PluginApi, type PluginResponse, type RequestHeaders } from 'tokligence'
import { findModel } from '../../models/directory/find-model.ts'
import { protocolId } from './wire/extensions.ts'
import { encodeError } from './wire/wire-error.ts'

/**
 * `GET /v1/models` in this protocol's shape, for callers that name a version of it, as the vendor demands of all of them; under `/anthropic` for
 * everybody.
 */
export function addModelRoutes(api: PluginApi): void {
  const source = () => api.registry.all('models')[0]?.[1]
  const models = async (): Promise<readonly ModelCard[]> => newestFirst((await source()?.list()) ?? [])
  const describe = (card: ModelCard) => modelInfo(card, source()?.facts(card.id) ?? {})
  for (const { prefix, claims } of [
    { prefix: '', claims: { claims: namesVersion } },
    { prefix: '/anthropic', claims: {} },
  ]) {
    api.addRoute({
      method: 'GET',
      path: `${prefix}/v1/models`,
      protocol: protocolId,
      ...claims,
      handle: async ({ context }) => listPage(await models(), context.query, describe),
    })
    api.addRoute({
      method: 'GET',
      // Ids of models may hold slashes.
      path: `${prefix}/v1/models/*`,
      protocol: protocolId,
      ...claims,
      handle: async ({ params }) => {
        const id = params['*'] ?? ''
        const found = await findModel(api.registry, id, protocolId)
        return found ? { status: 200, body: modelInfo(found.card, found.facts) } : refused('TKL_MODEL_NOT_FOUND', `The model "${id}" is not known here.`)
      },
    })
  }
}

function namesVersion(headers: RequestHeaders): boolean {
  return headers['anthropic-version'] !== undefined
}

const usualPage = 20
const largestPage = 1_000

/** One page (PageResponse in @anthropic-ai/sdk 1.12.0, core/pagination): the first ones, or those next to the model that a cursor names. */
function listPage(all: readonly ModelCard[], query: URLSearchParams, describe: (card: ModelCard) => object): PluginResponse {
  const limit = Number(query.get('limit') ?? usualPage)
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPage)
    return refused('TKL_REQUEST_INVALID', `limit must be a whole number from 1 to ${largestPage}.`)
  // Every model that is listed can be asked for.
  const stages = [...query.getAll('lifecycle'), ...query.getAll('lifecycle[]')]
  const cards = stages.length === 0 || stages.includes('active') ? all : []
  const after = query.get('after_id')
  const before = query.get('before_id')
  const start = after === null ? 0 : cards.findIndex(({ id }) => id === after) + 1
  const end = before === null ? cards.length : cards.findIndex(({ id }) => id === before)
  if ((after !== null && start === 0) || end === -1) return refused('TKL_REQUEST_INVALID', 'The model that the page begins or ends at is not listed.')
  const range = cards.slice(start, end)
  const page = before !== null && after === null ? range.slice(-limit) : range.slice(0, limit)
  return {
    status: 200,
    body: { data: page.map(describe), has_more: range.length > page.length, first_id: page[0]?.id ?? null, last_id: page.at(-1)?.id ?? null },
  }
}

/** "More recently released models are listed first" (resources/models.d.ts). Those without a date keep their order, behind the others. */
function newestFirst(cards: readonly ModelCard[]): readonly ModelCard[] {
  return [...cards].sort((one, other) => (other.created ?? 0) - (one.created ?? 0))
}

/** The epoch for a second that no calendar has, too. */
function timestamp(seconds: number): string {
  const date = new Date(seconds * 1_000)
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString()
}

/** ModelInfo in @anthropic-ai/sdk 1.12.0: null is what is not known; the epoch stands for a date that is not. */
function modelInfo(card: ModelCard, facts: ModelFacts): object {
  return {
    type: 'model',
    id: card.id,
    display_name: card.displayName ?? card.id,
    created_at: timestamp(card.created ?? 0),
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    line: null,
    max_input_tokens: facts.contextWindow ?? null,
    max_tokens: facts.maxOutputTokens ?? null,
    capabilities: null,
  }
}

function refused(code: 'TKL_MODEL_NOT_FOUND' | 'TKL_REQUEST_INVALID', message: string): PluginResponse {
  const error = new GatewayError(code, message)
  return { status: error.status, body: encodeError(error.toWire()) }
}
