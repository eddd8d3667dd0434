import { isJsonObject, type Json, type ModelPage } from 'tokligence'

/** Reads `{ data: [{ id, created, owned_by }] }` (openai 6.49.0, resources/models.d.ts). Servers that speak the protocol leave out all but `id`. */
export function readModelList(body: Json): ModelPage | undefined {
  if (!isJsonObject(body) || !Array.isArray(body.data)) return undefined
  const models: ModelPage['models'][number][] = []
  for (const entry of body.data) {
    if (!isJsonObject(entry) || typeof entry.id !== 'string') continue
    const { id, created, owned_by: ownedBy } = entry
    models.push({ id, ...(typeof created === 'number' && { created }), ...(typeof ownedBy === 'string' && { ownedBy }) })
  }
  return { models }
}
