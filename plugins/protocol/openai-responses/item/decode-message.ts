import { type Block, type FieldReader, isJsonObject, type Json, type JsonObject, splitUnset } from 'tokligence'
import { protocolId, recall, remember, rememberInner } from '../wire/wire-memo.ts'
import { decodeAnnotation } from './annotation.ts'
import { takeEnvelope } from './item-memo.ts'

/** A message of the assistant as its parts, one block each; the first one remembers the message around them. */
export function decodeMessage(item: JsonObject, path: string, read: FieldReader): readonly Block[] {
  const { content, ...head } = item
  const whole = aroundFirst(head)
  // A caller's short form. Without text there is nothing to say, but the message is kept.
  if (typeof content === 'string') return [{ type: 'text', text: content, ...remember(whole.rest, { ...whole.memo, plain: true }) }]
  const parts = content === undefined && read.lenient ? [] : read.array(content, `${path}.content`)
  if (parts.length === 0) return [{ type: 'text', text: '', ...remember(whole.rest, { ...whole.memo, hollow: content ?? false }) }]
  return parts.map((part, position) => {
    const partPath = `${path}.content[${position}]`
    return decodePart(read.object(part, partPath), partPath, read, position === 0 ? whole : aroundLater(position))
  })
}

/** One part of a message that is not whole yet, as `decodeMessage` will have it. */
export function decodeMessagePart({ content: _, ...head }: JsonObject, part: JsonObject, position: number, path: string, read: FieldReader): Block {
  return decodePart(part, `${path}.content[${position}]`, read, position === 0 ? aroundFirst(head) : aroundLater(position))
}

/** What a block remembers beside its part: the first one the message. */
interface Around {
  readonly rest: JsonObject
  readonly memo: { readonly [name: string]: Json | undefined }
}

function aroundFirst({ type, role, ...others }: JsonObject): Around {
  const { envelope, rest: unsplit } = takeEnvelope(others)
  const { given, unset } = splitUnset(unsplit)
  return {
    rest: given,
    memo: {
      item: envelope,
      unset,
      untyped: type === undefined ? true : undefined,
      role: role === 'assistant' ? undefined : (role ?? false),
    },
  }
}

function aroundLater(position: number): Around {
  return { rest: {}, memo: { part: position } }
}

function decodePart(part: JsonObject, path: string, read: FieldReader, { rest: outer, memo }: Around): Block {
  const { given, unset: unsetInner } = splitUnset(part)
  if (part.type === 'output_text') {
    const { type: _, text: said, annotations, logprobs, ...inner } = given
    const text = read.string(said, `${path}.text`)
    const cited = annotations === undefined ? [] : read.array(annotations, `${path}.annotations`)
    return {
      type: 'text',
      text,
      ...(cited.length > 0 && { annotations: cited.map((value) => decodeAnnotation(value, text)) }),
      ...rememberInner(outer, 'part', inner, { ...memo, unsetInner, logprobs }),
    }
  }
  if (part.type === 'refusal') {
    const { type: _, refusal, ...inner } = given
    return { type: 'refusal', text: read.string(refusal, `${path}.refusal`), ...rememberInner(outer, 'part', inner, { ...memo, unsetInner }) }
  }
  const kind = read.string(part.type, `${path}.type`)
  // Callers' own parts have stood in histories of assistants as well.
  if (kind === 'input_text' && typeof part.text === 'string' && Object.keys(part).length === 2)
    return { type: 'text', text: part.text, ...remember(outer, { ...memo, input: true }) }
  return { type: 'foreign', protocol: protocolId, kind, value: part, ...remember(outer, { ...memo, message: true }) }
}

/** The log probabilities that a part of a message stood with. */
export function logprobsOf(block: Block): readonly Json[] {
  const { logprobs } = recall(block).memo
  return Array.isArray(logprobs) ? (logprobs as readonly Json[]) : []
}

export function isMessagePart(block: Block): boolean {
  return block.type === 'text' || block.type === 'refusal' || (block.type === 'foreign' && isJsonObject(block.value) && recall(block).memo.message === true)
}
