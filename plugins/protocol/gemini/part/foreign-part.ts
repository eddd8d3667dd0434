import type { Block, FieldReader, Json, JsonObject } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

export function foreignPart(part: JsonObject, kind: string): Block {
  return { type: 'foreign', protocol: protocolId, kind, value: part }
}

/** An empty id is none. */
export function givenId(id: Json | undefined, path: string, read: FieldReader): string | undefined {
  return read.optionalString(id, path) || undefined
}
