import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject, type OutputFormat } from 'tokligence'
import type { EncodeContext } from '../message/encode-part.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { fitsStrict } from './strict-schema.ts'

export function decodeResponseFormat(value: Json): OutputFormat {
  const foreign: OutputFormat = { type: 'foreign', protocol: protocolId, value }
  if (!isJsonObject(value)) return foreign
  if (value.type === 'text') return { type: 'text' }
  if (value.type === 'json_object') return { type: 'json' }
  const { json_schema: wrapped } = value
  if (value.type !== 'json_schema' || !isJsonObject(wrapped) || !isJsonObject(wrapped.schema)) return foreign
  const { name, description, strict } = wrapped
  return {
    type: 'schema',
    schema: wrapped.schema,
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
    ...(typeof strict === 'boolean' && { strict }),
  }
}

/** `remembered` is the caller's own spelling; it is kept as long as it still says what is wanted. Undefined when it cannot be said. */
export function encodeResponseFormat(output: OutputFormat, remembered: Json | undefined, context: EncodeContext): Json | undefined {
  if (remembered !== undefined && isDeepStrictEqual(decodeResponseFormat(remembered), output)) return remembered
  switch (output.type) {
    case 'text':
      return { type: 'text' }
    case 'json':
      return { type: 'json_object' }
    case 'schema':
      return { type: 'json_schema', json_schema: namedSchema(output, context) }
    case 'foreign':
      if (output.protocol === protocolId) return output.value
      context.losses.dropped('response_format', 'output-format', 'semantic')
      return undefined
  }
}

/** Other protocols enforce a schema unless they are told otherwise; the vendor does so only when asked, and refuses to for some schemas. */
function strictField({ schema, strict }: Extract<OutputFormat, { type: 'schema' }>, context: EncodeContext): JsonObject {
  if (context.native || strict === false) return strict === undefined ? {} : { strict }
  if (fitsStrict(schema)) return { strict: true }
  context.losses.approximated('response_format.json_schema.strict', 'output-schema', 'semantic', 'The schema is not enforced.')
  return {}
}

/** The vendor demands a name of letters, digits, `_` and `-`, at most 64 (openai 6.49.0, ResponseFormatJSONSchema). */
function namedSchema(output: Extract<OutputFormat, { type: 'schema' }>, context: EncodeContext): JsonObject {
  const name = output.name?.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'response'
  if (output.name === undefined) context.losses.invented('response_format.json_schema.name', 'output-name', 'hint', name)
  else if (name !== output.name) context.losses.approximated('response_format.json_schema.name', 'output-name', 'hint', name)
  return {
    name,
    ...(output.description !== undefined && { description: output.description }),
    schema: output.schema,
    ...strictField(output, context),
  }
}
