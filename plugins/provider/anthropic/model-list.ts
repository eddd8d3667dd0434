import { isJsonObject, type Json, type ModelPage } from 'tokligence'

/** 1,000 is the most that one page holds. */
export function modelListPath(afterId?: string): string {
  return `/v1/models?limit=1000${afterId === undefined ? '' : `&after_id=${encodeURIComponent(afterId)}`}`
}

/** Reads one page (@anthropic-ai/sdk 1.12.0, resources/models.d.ts, ModelInfo); retired models, which cannot be called any more, are left out. */
export function readModelList(body: Json): ModelPage | undefined {
  if (!isJsonObject(body) || !Array.isArray(body.data)) return undefined
  const models: ModelPage['models'][number][] = []
  for (const entry of body.data) {
    if (!isJsonObject(entry) || typeof entry.id !== 'string' || entry.lifecycle === 'retired') continue
    const created = typeof entry.created_at === 'string' ? Math.floor(Date.parse(entry.created_at) / 1000) : 0
    models.push({
      id: entry.id,
      ownedBy: 'anthropic',
      ...(typeof entry.display_name === 'string' && { displayName: entry.display_name }),
      // The epoch stands for an unknown date.
      ...(created > 0 && { created }),
    })
  }
  return { models, ...(body.has_more === true && typeof body.last_id === 'string' && { nextPath: modelListPath(body.last_id) }) }
}
