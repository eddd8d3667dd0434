import { formatEvent, type JsonObject } from 'tokligence'

export function streamEvent(type: string, fields: JsonObject): string {
  return formatEvent(JSON.stringify({ type, ...fields }), type)
}
