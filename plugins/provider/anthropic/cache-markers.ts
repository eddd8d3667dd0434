import { isJsonObject, type Json, type JsonObject } from 'tokligence'

/** Lives for five minutes from its last use; to write it costs a quarter more than the tokens themselves, to read it a tenth of them. */
const marker = { cache_control: { type: 'ephemeral' } } as const

/**
 * How far before a marker the vendor looks for what an earlier request wrote, in blocks, the marked one among them. The vendor's own API counts a
 * run of calls, or of their results, as one block; other servers of the protocol count each, and a marker too many costs nothing.
 */
const lookBack = 20

/**
 * Marks a translated conversation that goes on, so that its next request is not paid in full. Callers of other protocols have no word for it: their
 * vendors cache by themselves. Placed are at most three of the four markers that there may be: the automatic one at the top, which is on the last
 * block and moves with it, so that nothing in the messages changes; one behind tools and system text; and one where the request before this one
 * ended, when the turns since then are longer than the look-back. A caller's own markers are left alone, and so is a request that nothing follows.
 *
 * Source: platform.claude.com/docs/en/build-with-claude/prompt-caching, "Automatic caching", "How automatic prefix checking works" and "What can be
 * cached"; MessageCreateParamsBase.cache_control in @anthropic-ai/sdk 1.12.0. No name in `anthropic-beta` is needed.
 */
export function withCacheMarkers(body: JsonObject): JsonObject {
  const messages = listOf(body.messages)
  if (!goesOn(body, messages) || isMarked(body)) return body
  return { ...body, ...markedPrefix(body), messages: withEarlierEnd(messages), ...marker }
}

/** A last message of the assistant is the beginning of the answer that is asked for. */
function goesOn({ tools }: JsonObject, messages: readonly Json[]): boolean {
  return listOf(tools).length > 0 || messages.slice(0, -1).some(isAssistant)
}

function isMarked(body: JsonObject): boolean {
  const { tools, system, messages } = body
  return holdsMarker(body) || [...listOf(tools), ...listOf(system), ...listOf(messages)].some(isMarkedWithin)
}

/** Looks where the protocol has blocks: in a message, a tool's result, a document made of blocks; never into the arguments of a call. */
function isMarkedWithin(node: Json): boolean {
  if (!isJsonObject(node)) return false
  const { content, source } = node
  return holdsMarker(node) || listOf(content).some(isMarkedWithin) || (isJsonObject(source) && listOf(source.content).some(isMarkedWithin))
}

function holdsMarker({ cache_control: found }: JsonObject): boolean {
  return found !== undefined && found !== null
}

/** Tools stand before the system text, so a marker on the text holds both. */
function markedPrefix({ system, tools }: JsonObject): JsonObject {
  const texts = markedLast(asBlocks(system), canBeMarked)
  if (texts) return { system: texts }
  const offered = markedLast(listOf(tools), isLoaded)
  return offered ? { tools: offered } : {}
}

/** "Tools with defer_loading cannot use prompt caching." */
function isLoaded(tool: JsonObject): boolean {
  return tool.defer_loading !== true
}

/** The request before ended with the user's turn before the assistant's last one. */
function withEarlierEnd(messages: readonly Json[]): readonly Json[] {
  const said = messages.findLastIndex(isAssistant)
  const end = messages.findLastIndex((message, index) => index < said && !isAssistant(message))
  const earlier = messages[end]
  if (!isJsonObject(earlier)) return messages
  const blocks = asBlocks(earlier.content)
  const last = blocks.findLastIndex((block) => isJsonObject(block) && canBeMarked(block))
  const since = messages.slice(end + 1).reduce<number>((sum, message) => sum + (isJsonObject(message) ? asBlocks(message.content).length : 0), 0)
  const content = markedLast(blocks, canBeMarked)
  if (!content || blocks.length - 1 - last + since < lookBack) return messages
  return messages.with(end, { ...earlier, content })
}

/** The list with a marker on the last entry that can carry one; undefined when none can. */
function markedLast(entries: readonly Json[], canCarry: (entry: JsonObject) => boolean): readonly Json[] | undefined {
  const last = entries.findLastIndex((entry) => isJsonObject(entry) && canCarry(entry))
  const found = entries[last]
  return isJsonObject(found) ? entries.with(last, { ...found, ...marker }) : undefined
}

/** Thoughts have no such field, and "cache_control cannot be set for empty text blocks". */
function canBeMarked({ type, text }: JsonObject): boolean {
  return type !== 'thinking' && type !== 'redacted_thinking' && (typeof text !== 'string' || text.trim() !== '')
}

/** A text stands for a list of one text block. */
function asBlocks(content: Json | undefined): readonly Json[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content)
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function isAssistant(message: Json): boolean {
  return isJsonObject(message) && message.role === 'assistant'
}
