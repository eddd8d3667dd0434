import {
  type Block,
  type Conversation,
  type JsonObject,
  type LossSink,
  reportForeignFields,
  type ToolCallBlock,
  type ToolResultBlock,
  type Turn,
} from 'tokligence'
import { encodeParts } from '../part/encode-part.ts'
import { codeExecution } from '../part/hosted-tools.ts'
import type { PartContext, PlacedBlock } from '../part/part-context.ts'
import { protocolId, remember } from '../wire/wire-memo.ts'
import { asText } from './adapt-media.ts'
import { adaptResult } from './adapt-result.ts'
import { OpenCalls } from './open-calls.ts'

export interface EncodedContents {
  /** Parts of the system instruction. */
  readonly system: readonly JsonObject[]
  readonly contents: readonly JsonObject[]
}

export interface ContentOptions {
  readonly losses: LossSink
  /** A model of the third generation: it takes media inside of results, and demands a signature on the first call of each of its turns. */
  readonly signsCalls: boolean
}

interface Content {
  readonly role: 'user' | 'model'
  /** Answers to the calls of the content before, in their order; they come first. */
  results: readonly PlacedBlock[]
  readonly blocks: PlacedBlock[]
}

/**
 * "You can set the following dummy signatures of either …" for calls that the model did not make itself
 * (ai.google.dev/gemini-api/docs/thought-signatures, "FAQs"). Without one it answers 400.
 */
const standInSignature = 'skip_thought_signature_validator'

/** The call with a signature: its own, else the stand-in. */
export function signCall(block: ToolCallBlock, path: string, losses: LossSink): ToolCallBlock {
  if (block.sealed) return block
  losses.invented(`${path}.thoughtSignature`, 'thought-signature', 'hint', 'The provider demands one; a stand-in tells it to skip the check.')
  return { ...block, sealed: { issuer: protocolId, value: standInSignature } }
}

/**
 * Another protocol's turns in the order that this one demands: leading system text in the system instruction, users and the model in alternation, the
 * user first, and behind each turn of the model with calls one of the user that begins with exactly their responses, in their order.
 */
export function encodeContents(conversation: Conversation, options: ContentOptions): EncodedContents {
  const { turns, instructions } = conversation
  const writer = new ContentWriter(options)
  for (const [index, block] of instructions.entries()) writer.system(block, `system[${index}]`)
  const firstSpoken = turns.findIndex((turn) => !isSystem(turn))
  for (const [index, turn] of turns.entries()) {
    const path = `messages[${index}]`
    reportForeignFields(turn, path, options.losses, protocolId)
    if (turn.name !== undefined) options.losses.dropped(`${path}.name`, 'participant-name', 'semantic')
    const leading = firstSpoken === -1 || index < firstSpoken
    for (const [position, block] of turn.blocks.entries()) {
      const at = turn.form === 'text' ? `${path}.content` : `${path}.content[${position}]`
      if (isSystem(turn) && leading) writer.system(block, at)
      else writer.block(turn, block, at)
    }
  }
  return writer.finish()
}

function isSystem({ role }: Turn): boolean {
  return role === 'system' || role === 'developer'
}

class ContentWriter {
  readonly #losses: LossSink
  readonly #signsCalls: boolean
  readonly #parts: PartContext
  readonly #system: PlacedBlock[] = []
  readonly #contents: Content[] = []
  readonly #open = new OpenCalls()

  constructor({ losses, signsCalls }: ContentOptions) {
    this.#losses = losses
    this.#signsCalls = signsCalls
    this.#parts = { native: false, losses, place: 'request', mediaInResults: signsCalls }
  }

  system(block: Block, path: string): void {
    const text = block.type === 'media' ? asText(block, path, this.#losses) : block
    if (text?.type === 'text') this.#system.push([text, path])
    else this.#losses.dropped(path, block.type, 'semantic', 'The system instruction takes text alone.')
  }

  block(turn: Turn, block: Block, path: string): void {
    if (isSystem(turn)) this.#reminder(block, path)
    else if (turn.role === 'assistant') this.#model(block, path)
    else if (block.type === 'tool-result') this.#result(block, path)
    else if (block.type === 'tool-call') this.#losses.dropped(path, 'tool-call', 'semantic', `A call stands in a turn of the role ${turn.role}.`)
    else this.#content('user').blocks.push([this.#adapted(block, path), path])
  }

  finish(): EncodedContents {
    this.#closeCalls()
    const contents: { readonly role: Content['role']; readonly parts: JsonObject[] }[] = []
    for (const { role, results, blocks } of this.#contents) {
      const parts = encodeParts([...results, ...blocks], this.#parts)
      const last = contents.at(-1)
      // A content whose blocks all were left out makes neighbours of those around it.
      if (last?.role === role) for (const part of parts) last.parts.push(part)
      else if (parts.length > 0) contents.push({ role, parts })
    }
    const [first] = contents
    if (first?.role !== 'user') {
      this.#losses.invented('messages', 'first-user-turn', 'semantic', 'The first content must be the user’s.')
      contents.unshift({ role: 'user', parts: [{ text: first ? 'Continue.' : 'Begin.' }] })
    }
    return { system: encodeParts(this.#system, this.#parts), contents }
  }

  #model(block: Block, path: string): void {
    // Behind the user's turn no result can follow any more.
    if (this.#contents.at(-1)?.role === 'user') this.#closeCalls()
    if (block.type === 'tool-result' && block.name !== codeExecution) {
      this.#losses.dropped(path, 'hosted-tool-result', 'semantic', 'A result stands in a turn of the role assistant.')
      return
    }
    const content = this.#content('model')
    if (block.type !== 'tool-call' || block.executedBy === 'provider') {
      content.blocks.push([this.#adapted(block, path), path])
      return
    }
    // Of parallel calls only the first is signed.
    const call = this.#open.waiting || !this.#signsCalls ? block : signCall(block, path, this.#losses)
    content.blocks.push([call, path])
    this.#open.add(call, path)
  }

  #result(block: ToolResultBlock, path: string): void {
    const { result, beside } = adaptResult(block, path, this.#signsCalls, this.#losses)
    const answered = this.#open.answer(block.callId, (call) => [functionResult(result, call), path])
    const { blocks } = this.#content('user')
    if (!answered) {
      this.#losses.approximated(path, 'tool-result', 'semantic', 'The call that it answers is not in the turn before; it stands as text.')
      reportForeignFields(block, path, this.#losses, protocolId)
      for (const inner of orphanContent(result)) blocks.push([inner, path])
    }
    blocks.push(...beside)
  }

  #reminder(block: Block, path: string): void {
    if (block.type !== 'text') {
      this.#losses.dropped(path, block.type, 'semantic', 'A system turn holds text only.')
      return
    }
    this.#losses.approximated(path, 'system-turn', 'hint', 'A system turn behind the first user’s stands in the user’s turn, in <system-reminder> tags.')
    this.#content('user').blocks.push([{ ...block, text: `<system-reminder>\n${block.text}\n</system-reminder>` }, path])
  }

  #adapted(block: Block, path: string): Block {
    return block.type === 'media' ? (asText(block, path, this.#losses) ?? block) : block
  }

  #closeCalls(): void {
    if (!this.#open.waiting) return
    this.#content('user').results = this.#open.close((call, path) => {
      this.#losses.invented(path, 'tool-result', 'semantic', 'The call has no result; one was added that says so.')
      const content: Block[] = [{ type: 'text', text: 'No result was given for this tool call.' }]
      return [functionResult({ type: 'tool-result', callId: call.id, isError: true, content, form: 'text' }, call), path]
    })
  }

  /** The last content if it has the role, else a new one: neighbours of one role are merged. */
  #content(role: Content['role']): Content {
    const last = this.#contents.at(-1)
    if (last?.role === role) return last
    const content: Content = { role, results: [], blocks: [] }
    this.#contents.push(content)
    return content
  }
}

/** Marked as a function's, because its name may be one that hosted services have. */
function functionResult(result: ToolResultBlock, { name }: ToolCallBlock): ToolResultBlock {
  return { ...result, name, ext: { ...result.ext, ...remember({}, { shape: result.isError === true ? 'error' : 'output' }).ext } }
}

function orphanContent(block: ToolResultBlock): Block[] {
  const [first, ...others] = block.content
  const opening = `Result of the tool call ${block.callId}:`
  if (first?.type === 'text') return [{ ...first, text: `${opening}\n${first.text}` }, ...others]
  return [{ type: 'text', text: opening }, ...block.content]
}
