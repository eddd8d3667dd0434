import { type Block, type Json, type JsonObject, requestReader as read, splitUnset, type Turn } from 'tokligence'
import { decodeAssistant } from '../message/decode-assistant.ts'
import { type Content, decodeContent } from '../message/decode-part.ts'
import { remember } from '../wire/wire-memo.ts'

/** The ids made for `function_call`s, which have none, so that `function` messages find theirs by name. */
type LegacyIds = Map<string, string>

export function decodeMessages(messages: Json | undefined): Turn[] {
  const legacyIds: LegacyIds = new Map()
  return read.array(messages, 'messages').map((message, index) => decodeMessage(message, index, legacyIds))
}

function decodeMessage(value: Json, index: number, legacyIds: LegacyIds): Turn {
  const path = `messages[${index}]`
  const message = read.object(value, path)
  const role = read.string(message.role, `${path}.role`)
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
      return decodePlain(message, role, path)
    case 'assistant':
      return decodeAssistantTurn(message, index, path, legacyIds)
    case 'tool':
      return decodeToolResult(message, path)
    case 'function':
      return decodeFunctionResult(message, index, path, legacyIds)
    default:
      throw read.fault(`${path}.role`, 'system, developer, user, assistant, tool or function')
  }
}

function decodePlain(message: JsonObject, role: 'system' | 'developer' | 'user', path: string): Turn {
  const { role: _, content, ...others } = message
  const { given, unset } = splitUnset(others)
  const { name, ...rest } = given
  if (content === undefined || content === null) throw read.fault(`${path}.content`, 'a string or an array of parts')
  // An empty message is still one: encoders of other protocols report the empty text that they leave out.
  const decoded: Content = content === '' ? { form: 'text', blocks: [{ type: 'text', text: '' }] } : decodeContent(content, `${path}.content`, read)
  return { role, ...decoded, ...named(name, path), ...remember(rest, { unset }) }
}

function decodeAssistantTurn(message: JsonObject, index: number, path: string, legacyIds: LegacyIds): Turn {
  const legacyId = `function_call_${index}`
  const { form, blocks, rest: all, memo } = decodeAssistant(message, path, read, legacyId)
  const { name, ...rest } = all
  const legacy = blocks.findLast((block) => block.type === 'tool-call' && block.id === legacyId)
  if (legacy?.type === 'tool-call') legacyIds.set(legacy.name, legacyId)
  return { role: 'assistant', form, blocks, ...named(name, path), ...remember(rest, memo) }
}

function decodeToolResult(message: JsonObject, path: string): Turn {
  const { role: _, content, ...others } = message
  const { given, unset } = splitUnset(others)
  const { tool_call_id, name, ...rest } = given
  const decoded = decodeContent(content, `${path}.content`, read)
  return toolTurn({
    type: 'tool-result',
    callId: read.string(tool_call_id, `${path}.tool_call_id`),
    ...named(name, path),
    content: decoded.blocks,
    form: decoded.form,
    ...remember(rest, { unset: withContent(unset, content) }),
  })
}

function decodeFunctionResult(message: JsonObject, index: number, path: string, legacyIds: LegacyIds): Turn {
  const { role: _, content, ...others } = message
  const { given, unset } = splitUnset(others)
  const { name, ...rest } = given
  const called = read.string(name, `${path}.name`)
  const decoded = decodeContent(content, `${path}.content`, read)
  return toolTurn({
    type: 'tool-result',
    callId: legacyIds.get(called) ?? `function_call_${index}`,
    name: called,
    content: decoded.blocks,
    form: decoded.form,
    ...remember(rest, { unset: withContent(unset, content), legacy: true }),
  })
}

function toolTurn(block: Extract<Block, { type: 'tool-result' }>): Turn {
  return { role: 'tool', blocks: [block], form: block.form }
}

function withContent(unset: JsonObject, content: Json | undefined): JsonObject {
  return content === null ? { ...unset, content } : unset
}

function named(name: Json | undefined, path: string): { readonly name?: string } {
  const text = read.optionalString(name, `${path}.name`)
  return text === undefined ? {} : { name: text }
}
