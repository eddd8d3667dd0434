import { type Block, isJsonObject, type Json, type Role, requestReader as read, type Turn } from 'tokligence'
import { CallIds } from '../part/call-ids.ts'
import { decodePart } from '../part/decode-part.ts'
import { takeFields } from '../wire/fields.ts'
import { remember } from '../wire/wire-memo.ts'
import { listOf } from './decode-tools.ts'

/** Content.role in @google/genai 3.1.0: `user`, `model`, or none, which is the user's; `function` came before it for the results of calls. */
const roles: ReadonlyMap<string, Role> = new Map([
  ['user', 'user'],
  ['model', 'assistant'],
  ['function', 'tool'],
])

/** One turn for each content, as it stood; `settle` merges neighbours of one role. */
export function decodeContents(value: Json | undefined): Turn[] {
  const calls = new CallIds()
  const turns: Turn[] = []
  for (const [index, content] of listOf(value, 'contents').entries()) turns.push(decodeContent(content, `contents[${index}]`, calls, turns.at(-1)?.role))
  return turns
}

function decodeContent(value: Json, path: string, calls: CallIds, before: Role | undefined): Turn {
  const { fields, rest, snake } = takeFields(read.object(value, path), ['role', 'parts'])
  const spelled = read.optionalString(fields.role, `${path}.role`)
  const role = spelled === undefined ? 'user' : roles.get(spelled.toLowerCase())
  if (role === undefined) throw read.fault(`${path}.role`, 'user, model or function')
  if (role === 'assistant' && before !== 'assistant') calls.nextTurn()
  const { blocks, single } = decodeParts(fields.parts, `${path}.parts`, calls)
  return {
    role,
    blocks,
    form: fields.parts === undefined ? 'none' : 'blocks',
    ...remember(rest, { snake, role: spelled === wireRole(role) ? undefined : (spelled ?? false), single }),
  }
}

/** How a role is usually written. */
export function wireRole(role: Role): string {
  return role === 'assistant' ? 'model' : role === 'tool' ? 'function' : 'user'
}

export interface DecodedParts {
  readonly blocks: readonly Block[]
  /** The one part stood there without a list. */
  readonly single: true | undefined
}

export function decodeParts(value: Json | undefined, path: string, calls: CallIds): DecodedParts {
  const blocks = listOf(value, path).map((part, index) => decodePart(read.object(part, `${path}[${index}]`), `${path}[${index}]`, read, calls))
  return { blocks, single: isJsonObject(value) ? true : undefined }
}
