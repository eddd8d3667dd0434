import type { ModelCard } from '../contracts/models.ts'
import type { Json } from '../conversation/json.ts'
import { GatewayError } from '../errors.ts'
import type { UpstreamFetch } from '../plugin.ts'

export interface ModelListing {
  /** The plugin's `api.fetch`. */
  readonly fetch: UpstreamFetch
  /** Path and query of the first page, behind the base URL. */
  readonly path: string
  /** Reads one page; `nextPath` is there when there is another. Answers undefined when the body is no list of models. */
  readonly read: (body: Json) => ModelPage | undefined
}

export interface ModelPage {
  readonly models: readonly Omit<ModelCard, 'provider'>[]
  readonly nextPath?: string
}

interface ListingTarget {
  /** The provider's id. */
  readonly id: string
  /** The base URL without a slash at its end. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly ca?: string
}

/** A provider that goes on naming next pages must not keep us reading for ever. */
const maximumPages = 20

/** Asks a provider for its models, page by page. Rejects with GatewayError `TKL_UPSTREAM_*`. */
export async function listModels(listing: ModelListing, target: ListingTarget, signal: AbortSignal): Promise<readonly ModelCard[]> {
  const { id, url, headers, ca } = target
  const cards: ModelCard[] = []
  let path: string | undefined = listing.path
  for (let page = 0; path !== undefined && page < maximumPages; page++) {
    const answer = await listing.fetch(url + path, { headers, signal, ...(ca !== undefined && { ca }) })
    if (answer.status !== 200)
      throw new GatewayError('TKL_UPSTREAM_ERROR', `The provider "${id}" answered ${answer.status} when it was asked for its models.`, {
        status: answer.status,
      })
    const read = listing.read(parse(answer.body))
    if (!read) throw new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider "${id}" answered with something else than a list of models.`)
    for (const model of read.models) cards.push({ ...model, provider: id })
    path = read.nextPath
  }
  return cards
}

/** Null, which is no list of models, when the body is not JSON. */
function parse(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json
  } catch {
    return null
  }
}
