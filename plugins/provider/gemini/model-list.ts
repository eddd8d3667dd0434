import { isJsonObject, type Json, type ModelPage } from 'tokligence'

/** 1,000 is the most that one page holds (ai.google.dev/api/rest/v1beta/models/list). */
export function modelListPath(apiVersion: string, pageToken?: string): string {
  return `/${apiVersion}/models?pageSize=1000${pageToken === undefined ? '' : `&pageToken=${encodeURIComponent(pageToken)}`}`
}

/** Reads `{ models: [{ name: 'models/…', displayName }], nextPageToken }` (@google/genai 3.1.0, Model). */
export function readModelList(body: Json, apiVersion: string): ModelPage | undefined {
  if (!isJsonObject(body) || (body.models !== undefined && !Array.isArray(body.models))) return undefined
  const models: ModelPage['models'][number][] = []
  for (const entry of (body.models ?? []) as readonly Json[]) {
    if (!isJsonObject(entry) || typeof entry.name !== 'string') continue
    const id = entry.name.replace(/^models\//, '')
    models.push({ id, ownedBy: 'google', ...(typeof entry.displayName === 'string' && { displayName: entry.displayName }) })
  }
  const { nextPageToken } = body
  return { models, ...(typeof nextPageToken === 'string' && nextPageToken !== '' && { nextPath: modelListPath(apiVersion, nextPageToken) }) }
}
