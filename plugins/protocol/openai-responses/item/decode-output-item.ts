import { type Block, type FieldReader, type Json, type JsonObject, splitUnset } from 'tokligence'
import { toolSearchName } from '../wire/tool-search.ts'
import { protocolId, remember } from '../wire/wire-memo.ts'
import { decodeHosted } from './decode-hosted.ts'
import { decodeMessage } from './decode-message.ts'
import { takeEnvelope } from './item-memo.ts'
import { joinReasoning } from './reasoning-parts.ts'

/**
 * An item that an assistant produced, in `output` of a reply or in the history of a request, as blocks in their order (openai 6.49.0,
 * ResponseOutputItem). Every block remembers what `encodeOutputItems` needs to write the item back as it was. Throws what `read` throws for a
 * known item whose members have another type.
 */
export function decodeOutputItem(item: JsonObject, path: string, read: FieldReader): readonly Block[] {
  switch (item.type) {
    case undefined:
    case 'message':
      return decodeMessage(item, path, read)
    case 'reasoning':
      return [decodeReasoning(item, path, read)]
    case 'function_call':
      return [decodeCall(item, 'arguments', path, read)]
    case 'custom_tool_call':
      return [decodeCall(item, 'input', path, read)]
    case 'tool_search_call':
      return [decodeToolSearch(item)]
    default:
      return decodeHosted(item) ?? [foreignItem(item, path, read)]
  }
}

function foreignItem(item: JsonObject, path: string, read: FieldReader): Block {
  return { type: 'foreign', protocol: protocolId, kind: read.string(item.type, `${path}.type`), value: item, ...remember({}, { item: {} }) }
}

function decodeReasoning(item: JsonObject, path: string, read: FieldReader): Block {
  const { type: _, ...others } = item
  const { envelope, rest: unsplit } = takeEnvelope(others)
  const { given, unset } = splitUnset(unsplit)
  const { summary, content, encrypted_content: encrypted, ...rest } = given
  const summaries = read.optionalArray(summary, `${path}.summary`)
  const parts = joinReasoning(summaries, read.optionalArray(content, `${path}.content`))
  if (!parts) return foreignItem(item, path, read)
  const sealed = read.optionalString(encrypted, `${path}.encrypted_content`)
  return {
    type: 'reasoning',
    text: parts.text,
    ...(summaries.length > 0 && parts.text !== '' && { summary: true }),
    ...(parts.text === '' && sealed !== undefined && { redacted: true }),
    ...(sealed !== undefined && { sealed: { issuer: protocolId, value: sealed } }),
    ...remember(rest, { item: envelope, unset, cut: parts.cut, sealed: sealed === undefined ? undefined : true }),
  }
}

/** A call of a function, or of a tool whose input is free text. */
function decodeCall(item: JsonObject, inputField: 'arguments' | 'input', path: string, read: FieldReader): Block {
  const { type: _, ...others } = item
  const { envelope, rest: unsplit } = takeEnvelope(others)
  const { given, unset } = splitUnset(unsplit)
  const { call_id: callId, name, namespace, [inputField]: input, ...rest } = given
  const group = read.optionalString(namespace, `${path}.namespace`)
  return {
    type: 'tool-call',
    id: read.string(callId, `${path}.call_id`),
    name: read.string(name, `${path}.name`),
    ...(group !== undefined && { namespace: group }),
    argumentsText: inputText(input, `${path}.${inputField}`, read),
    form: inputField === 'arguments' ? 'json' : 'text',
    executedBy: 'client',
    ...remember(rest, { item: envelope, unset }),
  }
}

/** Some hosts answer with an object, or with nothing for a tool without parameters. */
function inputText(value: Json | undefined, path: string, read: FieldReader): string {
  if (typeof value === 'string' || !read.lenient) return read.string(value, path)
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** The caller's own search among its deferred tools is a call like any other; the provider's is not. */
function decodeToolSearch(item: JsonObject): Block {
  const { type: _, call_id: callId, arguments: input, ...others } = item
  if (item.execution !== 'client' || typeof callId !== 'string' || input === undefined)
    return { type: 'foreign', protocol: protocolId, kind: 'tool_search_call', value: item, ...remember({}, { item: {} }) }
  const { execution: __, ...unsplit } = others
  const { envelope, rest } = takeEnvelope(unsplit)
  const { given, unset } = splitUnset(rest)
  return {
    type: 'tool-call',
    id: callId,
    name: toolSearchName,
    argumentsText: JSON.stringify(input),
    form: 'json',
    executedBy: 'client',
    ...remember(given, { item: envelope, unset, search: true }),
  }
}
