import type { Block, Conversation, JsonObject, LossSink, ToolResultBlock, Turn } from 'tokligence'
import { adaptBlock } from '../message/adapt-block.ts'
import { asString, encodeBlock } from '../message/encode-block.ts'
import { HostedCalls } from '../message/hosted-call.ts'
import { ToolIds } from '../message/tool-ids.ts'
import { reportForeignFields } from '../wire/extensions.ts'
import { OpenCalls } from './open-calls.ts'
import { type WrittenBlock, withoutTrailingThoughts } from './trailing-thoughts.ts'

export interface EncodedTurns {
  readonly system: JsonObject[]
  readonly messages: JsonObject[]
}

interface Message {
  readonly role: 'user' | 'assistant'
  /** Answers to the calls of the message before; they must come first. */
  readonly results: JsonObject[]
  readonly content: WrittenBlock[]
}

/**
 * Another protocol's turns in the order that this one demands: system text on top, users and assistants in alternation, the user first, and
 * behind each message with tool calls one user message that begins with all their results.
 */
export function encodeTurns(conversation: Conversation, losses: LossSink): EncodedTurns {
  const { turns } = conversation
  const writer = new TurnWriter(losses)
  for (const [index, block] of conversation.instructions.entries()) writer.system(block, `system[${index}]`)
  const firstSpoken = turns.findIndex((turn) => !isSystem(turn))
  for (const [index, turn] of turns.entries()) {
    const path = `messages[${index}]`
    reportForeignFields(turn.ext, path, losses)
    if (turn.name !== undefined) losses.dropped(`${path}.name`, 'participant-name', 'semantic')
    const leading = firstSpoken === -1 || index < firstSpoken
    for (const [position, block] of turn.blocks.entries()) {
      const blockPath = turn.form === 'text' ? `${path}.content` : `${path}.content[${position}]`
      if (isSystem(turn) && leading) writer.system(block, blockPath)
      else writer.block(turn, block, blockPath)
    }
  }
  return writer.finish()
}

function isSystem(turn: Turn): boolean {
  return turn.role === 'system' || turn.role === 'developer'
}

class TurnWriter {
  readonly #losses: LossSink
  readonly #ids = new ToolIds()
  readonly #system: JsonObject[] = []
  readonly #messages: Message[] = []
  readonly #open = new OpenCalls()
  readonly #hosted = new HostedCalls()

  constructor(losses: LossSink) {
    this.#losses = losses
  }

  system(block: Block, path: string): void {
    const adapted = adaptBlock(block, 'system', path, this.#losses)
    const wire = adapted && this.#encode(adapted, path)
    if (wire?.type === 'text') this.#system.push(wire)
  }

  block(turn: Turn, block: Block, path: string): void {
    const adapted = adaptBlock(block, turn.role, path, this.#losses)
    if (!adapted) return
    if (turn.role === 'assistant') this.#assistant(adapted, path)
    else if (isSystem(turn)) this.#reminder(adapted, path)
    else if (adapted.type === 'tool-result') this.#result(adapted, path)
    else this.#push('user', this.#encode(adapted, path), path)
  }

  finish(): EncodedTurns {
    this.#answerOpenCalls()
    this.#cutTrailingThoughts()
    const messages = this.#messages.map(
      ({ role, results, content }): JsonObject => ({ role, content: asString([...results, ...content.map(({ wire }) => wire)]) }),
    )
    const first = this.#messages[0]
    if (first?.role !== 'user') {
      this.#losses.invented('messages', 'first-user-turn', 'semantic', 'The first message must be the user’s.')
      messages.unshift({ role: 'user', content: first ? 'Continue.' : 'Begin.' })
    }
    trimEnd(messages, this.#losses)
    return { system: this.#system, messages }
  }

  #cutTrailingThoughts(): void {
    const all = this.#messages.splice(0)
    for (const { role, results, content } of all) {
      const kept = role === 'assistant' ? withoutTrailingThoughts(content, this.#losses) : content
      if (results.length + kept.length === 0) continue
      const message = this.#message(role)
      message.results.push(...results)
      message.content.push(...kept)
    }
  }

  #assistant(block: Block, path: string): void {
    // Behind the user's turn no result can follow any more.
    if (this.#last()?.role === 'user') this.#answerOpenCalls()
    const wire = this.#encode(block, path)
    this.#push('assistant', wire, path)
    if (block.type === 'tool-call' && wire) this.#open.add({ callId: block.id, wireId: wire.id as string, path })
  }

  #result(block: ToolResultBlock, path: string): void {
    const call = this.#open.answer(block.callId)
    if (!call) {
      this.#losses.approximated(path, 'tool-result', 'semantic', 'The call that it answers is not in the turn before; it stands as text.')
      reportForeignFields(block.ext, path, this.#losses)
      for (const inner of orphanContent(block)) this.#push('user', this.#encode(inner, path), path)
      return
    }
    const wire = encodeBlock(block, path, { losses: this.#losses, hosted: this.#hosted, toolId: () => call.wireId })
    if (wire) this.#message('user').results.push(wire)
  }

  #reminder(block: Block, path: string): void {
    if (block.type !== 'text') {
      this.#losses.dropped(path, block.type, 'semantic', 'A system turn holds text only.')
      return
    }
    this.#losses.approximated(path, 'system-turn', 'hint', 'A system turn behind the first user’s stands in the user’s turn, in <system-reminder> tags.')
    this.#push('user', this.#encode({ ...block, text: `<system-reminder>\n${block.text}\n</system-reminder>` }, path), path)
  }

  #answerOpenCalls(): void {
    for (const { wireId, path } of this.#open.takeAll()) {
      this.#losses.invented(path, 'tool-result', 'semantic', 'The call has no result; one was added that says so.')
      this.#message('user').results.push({ type: 'tool_result', tool_use_id: wireId, content: 'No result was given for this tool call.', is_error: true })
    }
  }

  #encode(block: Block, path: string): JsonObject | undefined {
    return encodeBlock(block, path, { losses: this.#losses, hosted: this.#hosted, toolId: (id) => this.#ids.assign(id) })
  }

  #push(role: Message['role'], wire: JsonObject | undefined, path: string): void {
    if (wire) this.#message(role).content.push({ wire, path })
  }

  #last(): Message | undefined {
    return this.#messages.at(-1)
  }

  /** The last message if it has the role, else a new one: neighbours of one role are merged. */
  #message(role: Message['role']): Message {
    const last = this.#last()
    if (last?.role === role) return last
    const message: Message = { role, results: [], content: [] }
    this.#messages.push(message)
    return message
  }
}

function orphanContent(block: ToolResultBlock): Block[] {
  const [first, ...others] = block.content
  const opening = `Result of the tool call ${block.callId}:`
  if (first?.type === 'text') return [{ ...first, text: `${opening}\n${first.text}` }, ...others]
  return [{ type: 'text', text: opening }, ...block.content]
}

/** The provider rejects a last assistant message that ends in white space ("final assistant content cannot end with trailing whitespace"). */
function trimEnd(messages: JsonObject[], losses: LossSink): void {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return
  const content = last.content as string | JsonObject[]
  const block = typeof content === 'string' ? undefined : content.at(-1)
  const text = typeof content === 'string' ? content : block?.type === 'text' ? block.text : undefined
  if (typeof text !== 'string' || text === text.trimEnd()) return
  losses.approximated(`messages[${messages.length - 1}].content`, 'trailing-space', 'hint', 'White space at the end of the last turn was cut.')
  const trimmed = text.trimEnd()
  const rewritten = typeof content === 'string' ? trimmed : [...content.slice(0, -1), { ...block, text: trimmed }]
  messages[messages.length - 1] = { ...last, content: rewritten as string | JsonObject[] }
}
