import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Fields } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'

/** A request as a program in wide use sends it. */
export interface ClientRequest {
  /** `program/what it asks`. */
  readonly id: string
  readonly request: Fields
}

interface ClientFile {
  readonly client: string
  readonly requests: readonly { readonly name: string; readonly protocol: RecordedProtocol; readonly body: Fields }[]
}

const folder = fileURLToPath(new URL('../fixtures/clients/', import.meta.url))

/** The requests of all programs in one protocol; where the model stands in the address, with `stream` among the fields. */
export function clientRequests(protocol: RecordedProtocol): ClientRequest[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files
    .map((name) => JSON.parse(readFileSync(folder + name, 'utf8')) as ClientFile)
    .flatMap(({ client, requests }) => requests.map(({ name, ...rest }) => ({ id: `${client}/${name}`, ...rest })))
    .filter((request) => request.protocol === protocol)
    .map(({ id, body }) => ({ id, request: body }))
}
