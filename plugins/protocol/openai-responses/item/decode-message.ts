import { type Block, type FieldReader, isJsonObject, type Json, type JsonObject, splitUnset } from 'tokligence'
import { protocolId, recall, remember, rememberInner } from '../wire/wire-memo.ts'
import { decodeAnnotation } from './annotation.ts'
import { takeEnvelope } from './item-memo.ts'

/** A message of the assistant as its parts, one block each; the first one remembers the message around them. */
export function decodeMessage(item: JsonObject, path: string, read: FieldReader): readonly Block[] {
  const { type, role, content, ...others } = item
  const { envelope, rest: unsplit } = takeEnvelope(others)
  const { given, unset } = splitUnset(unsplit)
  const whole = {
    rest: given,
    memo: {
      item: envelope,
      unset,
      untyped: type === undefined ? true : undefined,
      role: role === 'assistant' ? undefined : (role ?? false),
    },
  }
  // A caller's short form. Without text there is nothing to say, but the message is kept.
  if (typeof content === 'string') return [{ type: 'text', text: content, ...remember(given, { ...whole.memo, plain: true }) }]
  const parts = content === undefined && read.lenient ? [] : read.array(content, `${path}.content`)
  if (parts.length === 0) return [{ type: 'text', text: '', ...remember(given, { ...whole.memo, hollow: content ?? false }) }]
  return parts.map((part, index) => {
    const around = index === 0 ? whole : { rest: {}, memo: { part: index } }
    return decodePart(read.object(part, `${path}.content[${index}]`), `${path}.content[${index}]`, read, around)
  })
}

interface Around {
  readonly rest: JsonObject
  readonly memo: { readonly [name: string]: Json | undefined }
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
