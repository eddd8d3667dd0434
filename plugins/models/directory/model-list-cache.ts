import type { ModelCard, PluginApi, Provider } from 'tokligence'

const patience = 2_000
const keptFor = 5 * 60_000
/** A provider that failed is asked again sooner. */
const failureKeptFor = 30_000

interface Entry {
  /** The very object: a reload makes another, which may point elsewhere. */
  readonly provider: Provider
  readonly models: Promise<readonly ModelCard[]>
  until: number
}

/** The providers' lists of models, each asked for at most once at a time. Kept over reloads, so that a list outlives a provider's bad minute. */
export class ModelListCache {
  readonly #entries = new Map<string, Entry>()

  /** Never rejects: a provider that does not tell within two seconds has the list that it told before, or none. */
  models(id: string, provider: Provider, logger: PluginApi['logger']): Promise<readonly ModelCard[]> {
    if (!provider.listModels) return Promise.resolve([])
    const key = `${id} ${provider.account}`
    const known = this.#entries.get(key)
    if (known && known.provider === provider && known.until > Date.now()) return known.models
    const entry: Entry = {
      provider,
      until: Date.now() + keptFor,
      models: ask(provider).catch((error: unknown) => {
        logger.debug({ provider: id, error }, 'a provider did not tell its models')
        entry.until = Date.now() + failureKeptFor
        return known?.models ?? []
      }),
    }
    this.#entries.set(key, entry)
    return entry.models
  }

  clear(): void {
    this.#entries.clear()
  }
}

/** The signal tells the provider to stop; the race holds even if it does not listen. */
async function ask(provider: Provider): Promise<readonly ModelCard[]> {
  const signal = AbortSignal.timeout(patience)
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([(provider.listModels as NonNullable<Provider['listModels']>)(signal), late])
}
