import type { IncomingCall } from 'tokligence'

/** Of the API, in its clients' paths: `v1` is the default of @google/genai 3.1.0, and previews are documented under `v1alpha`. */
export const versions = ['v1beta', 'v1', 'v1alpha'] as const

/** What the path of a call says: `models/NAME:action`, of which the last part is the wildcard of the route. */
export interface ModelPath {
  /** The name as the caller spelled it, without `models/` before it; empty when there is none. Names may hold slashes and colons. */
  readonly model: string
  /** `generateContent`, `streamGenerateContent`, `countTokens`, `embedContent`, `batchEmbedContents` … */
  readonly action: string
}

/** Reads the wildcard of a route. It is percent-decoded already. */
export function readModelPath({ params }: Pick<IncomingCall, 'params'>): ModelPath {
  const path = params['*'] ?? ''
  const colon = path.lastIndexOf(':')
  const name = bareModel(colon === -1 ? path : path.slice(0, colon))
  const tuned = params.collection === 'tunedModels' && name !== ''
  return { model: tuned ? `tunedModels/${name}` : name, action: colon === -1 ? '' : path.slice(colon + 1) }
}

/** A resource name `models/NAME` as the name alone. */
export function bareModel(name: string): string {
  return name.startsWith('models/') ? name.slice('models/'.length) : name
}

/** The name of a model in the form that fields of a body have. `tunedModels/NAME` is a resource of its own. */
export function modelResource(model: string): string {
  return /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`
}
