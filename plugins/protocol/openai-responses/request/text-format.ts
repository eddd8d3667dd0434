import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject, type LossSink, type OutputFormat } from 'tokligence'
import { encodeResponseFormat } from '../../openai-chat/request/response-format.ts'
import { protocolId } from '../wire/wire-memo.ts'

/** `text.format` (openai 6.49.0, ResponseFormatTextConfig): the schema stands beside its name, not in an object of its own. */
export function decodeTextFormat(value: JsonObject): OutputFormat {
  if (value.type === 'text') return { type: 'text' }
  if (value.type === 'json_object') return { type: 'json' }
  const { name, schema, description, strict } = value
  if (value.type !== 'json_schema' || !isJsonObject(schema)) return { type: 'foreign', protocol: protocolId, value }
  return {
    type: 'schema',
    schema,
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
    ...(typeof strict === 'boolean' && { strict }),
  }
}

/** True when the format would be written as it was. */
export function spellsFormat(value: Json, output: OutputFormat): boolean {
  return isDeepStrictEqual(encodeOwnFormat(output), value)
}

export function encodeOwnFormat(output: OutputFormat): Json | undefined {
  switch (output.type) {
    case 'text':
      return { type: 'text' }
    case 'json':
      return { type: 'json_object' }
    case 'schema':
      return { ...output, type: 'json_schema' }
    case 'foreign':
      return output.protocol === protocolId ? output.value : undefined
  }
}

/** Another protocol's wish as the vendor takes it: a schema has a name, and is enforced where it can be. Undefined when it cannot be said. */
export function encodeTextFormat(output: OutputFormat, losses: LossSink): Json | undefined {
  if (output.type === 'foreign' && output.protocol === protocolId) return output.value
  const format = encodeResponseFormat(output, undefined, { native: false, losses })
  if (!isJsonObject(format) || !isJsonObject(format.json_schema)) return format
  return { type: 'json_schema', strict: false, ...format.json_schema }
}
