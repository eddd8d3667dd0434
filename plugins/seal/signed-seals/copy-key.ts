import { createHash } from 'node:crypto'
import { type Block, isJsonObject, type Json, type ToolCallBlock, type Turn } from 'tokligence'

/** The most that is taken of an id, in characters: a store takes 512 for a key (contracts/session.ts). */
const longestId = 256

/**
 * The key of the copy of a turn's seals. The call's id is enough where it is a random one. Hosts that number the calls of each reply (`tool_0_look`,
 * `functions.look:0`) give the same ids in all conversations: there, what is asked and what was said just before belong to the key.
 */
export function copyKey({ id, name, argumentsText }: ToolCallBlock, said: string): string {
  if (id.length <= longestId && isRandom(name === '' ? id : id.replaceAll(name, ' '))) return `seal:${id}`
  const digest = createHash('sha256').update(JSON.stringify([id, name, asked(argumentsText), said]))
  return `seal:${digest.digest('base64url')}`
}

/** What was said since the assistant spoke last, without what clients may change about it (markers, names, forms). */
export function saidLast(turns: readonly Turn[]): string {
  const since = turns.slice(turns.findLastIndex(({ role }) => role === 'assistant') + 1)
  const said = since.filter(({ role }) => role !== 'system' && role !== 'developer').flatMap(({ blocks }) => blocks.map(wordsOf))
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url')
}

/** A run of letters and digits that nobody counts or writes, such as a tool's name is; or a UUID. */
function isRandom(id: string): boolean {
  const long = id.match(/[A-Za-z0-9]{16,}/g) ?? []
  return long.some((run) => run.replace(/\D/g, '').length >= 3 && /[A-Za-z]/.test(run)) || /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.test(id)
}

function wordsOf(block: Block): Json {
  if (block.type === 'text') return block.text
  return block.type === 'tool-result' ? [block.callId, block.content.map(wordsOf)] : block.type
}

/** Arguments without what a client may change when it writes them anew: spaces, and the order of members. */
function asked(argumentsText: string): Json {
  try {
    return sorted(JSON.parse(argumentsText === '' ? '{}' : argumentsText) as Json)
  } catch {
    return argumentsText
  }
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member as Json)]),
  )
}
