import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Fields, isObject } from './json-fields.ts'

export type RecordedProtocol = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini'

/** What a provider really answered, and to what. */
export interface Recording {
  /** `source/protocol/name`. */
  readonly id: string
  readonly protocol: RecordedProtocol
  /** True for a stream, whatever its form. */
  readonly stream: boolean
  /** How the body is written: Gemini streams an array of JSON to those who do not ask for server-sent events. */
  readonly format: 'sse' | 'json' | 'json-array'
  readonly status: number
  readonly body: Buffer
  /** The request that was sent, where it was recorded. */
  readonly request: Fields | undefined
  /** Where it was sent, where that was recorded; Gemini has the model and the form of the answer there. */
  readonly requestPath: string | undefined
  readonly features: readonly string[]
}

interface ManifestEntry {
  readonly id: string
  readonly protocol: string
  readonly stream: boolean
  readonly status: number
  readonly file: string
  readonly format?: Recording['format']
  readonly request?: string | null
  readonly requestPath?: string | null
  readonly features?: readonly string[]
}

const ownFolder = fileURLToPath(new URL('../fixtures/recordings', import.meta.url))
let told = false

/** The recordings of one protocol: those in the folder TOKLIGENCE_FIXTURES, else the small ones of the project, which it says in one line. */
export function recordings(protocol: RecordedProtocol): Recording[] {
  const given = process.env.TOKLIGENCE_FIXTURES
  if (!given && !told) {
    told = true
    console.info('TOKLIGENCE_FIXTURES is not set: the small recordings in test/fixtures/recordings are used.')
  }
  return readFolder(given || ownFolder, protocol)
}

/** The project's own recordings of one protocol, whatever the environment says. */
export function ownRecordings(protocol: RecordedProtocol): Recording[] {
  return readFolder(ownFolder, protocol)
}

/** One of the project's own recordings. Throws Error when there is none of that name. */
export function ownRecording(protocol: RecordedProtocol, name: string): Recording {
  const found = ownRecordings(protocol).find(({ id }) => id === `${protocol}/${name}`)
  if (!found) throw new Error(`There is no recording ${protocol}/${name} in ${ownFolder}.`)
  return found
}

function readFolder(folder: string, protocol: RecordedProtocol): Recording[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'MANIFEST.json'), 'utf8')) as readonly ManifestEntry[]
  return manifest
    .filter((entry) => entry.protocol === protocol)
    .map((entry) => ({
      id: entry.id,
      protocol,
      stream: entry.stream,
      format: entry.format ?? (entry.stream ? 'sse' : 'json'),
      status: entry.status,
      body: readFileSync(join(folder, entry.file)),
      request: entry.request ? readObject(join(folder, entry.request)) : undefined,
      requestPath: entry.requestPath ?? undefined,
      features: entry.features ?? [],
    }))
}

function readObject(file: string): Fields | undefined {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return isObject(value) ? value : undefined
}
