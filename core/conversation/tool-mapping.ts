import { createHash } from 'node:crypto'
import type { Block, ToolCallBlock } from './blocks.ts'
import type { Conversation, FreeformTool, Tool, ToolChoice, Turn } from './conversation.ts'
import type { ReplyEvent } from './events.ts'
import { isJsonObject, type Json } from './json.ts'
import type { LossSink } from './loss.ts'

/** What a protocol can say of tools. */
export interface ToolSupport {
  /** The characters that a name may have, as a regular expression for the whole name. */
  readonly name: RegExp
  /** Characters. */
  readonly longestName: number
  /** Tools may stand in named groups. */
  readonly namespaces: boolean
  /** Tools whose input is free text: `by-model` where `ModelFacts.freeformTools` says so. */
  readonly freeform: 'always' | 'by-model' | 'never'
}

/** The one property of the function that stands for a freeform tool. */
const freeTextProperty = 'input'

interface Mapped {
  readonly name: string
  readonly namespace?: string
  readonly freeform: boolean
}

/**
 * Brings tools, the choice among them and the calls of earlier turns into the form that the provider's protocol takes, and the calls of the reply
 * back into the caller's. Names are the same for the same tool at any time, because history and cached prompts must not change between turns.
 */
export class ToolMapping {
  readonly #support: ToolSupport
  readonly #freeform: boolean
  /** Name on the provider's wire → the caller's tool, for those that had to change. */
  readonly #changed = new Map<string, Mapped>()

  constructor(support: ToolSupport, freeformTools: boolean) {
    this.#support = support
    this.#freeform = support.freeform === 'always' || (support.freeform === 'by-model' && freeformTools)
  }

  map(conversation: Conversation, losses: LossSink): Conversation {
    const tools = conversation.tools.map((tool, index) => this.#tool(tool, `tools[${index}]`, losses))
    const turns = conversation.turns.map((turn) => this.#turn(turn))
    const { toolChoice } = conversation
    if (this.#changed.size === 0 && turns.every((turn, index) => turn === conversation.turns[index])) return conversation
    return { ...conversation, tools, turns, ...(toolChoice && { toolChoice: this.#choice(toolChoice, conversation.tools) }) }
  }

  /** A block of the provider's reply as the caller waits for it. */
  restore(block: Block): Block {
    const mapped = this.#of(block)
    if (!mapped || block.type !== 'tool-call') return block
    const restored = renamed(block, mapped)
    return mapped.freeform && block.form === 'json' ? { ...restored, form: 'text', argumentsText: freeText(block.argumentsText) } : restored
  }

  /** The same for a stream: one function per reply. Free text is kept back until it is whole, because it stands in the arguments as a JSON string. */
  restoreEvents(): (event: ReplyEvent) => readonly ReplyEvent[] {
    if (this.#changed.size === 0) return (event) => [event]
    const held = new Map<number, string>()
    return (event) => {
      if (event.type === 'block-start') {
        const mapped = this.#of(event.block)
        if (!mapped || event.block.type !== 'tool-call') return [event]
        if (!mapped.freeform || event.block.form === 'text') return [{ ...event, block: renamed(event.block, mapped) }]
        held.set(event.index, event.block.argumentsText)
        return [{ ...event, block: { ...renamed(event.block, mapped), form: 'text', argumentsText: '' } }]
      }
      if (event.type !== 'block-delta' && event.type !== 'block-end') return [event]
      const text = held.get(event.index)
      if (text === undefined) return [event]
      if (event.type === 'block-end') {
        held.delete(event.index)
        return [{ type: 'block-delta', index: event.index, delta: { type: 'text', text: freeText(text) } }, event]
      }
      if (event.delta.type !== 'text') return [event]
      held.set(event.index, text + event.delta.text)
      return []
    }
  }

  #of(block: Block): Mapped | undefined {
    return block.type === 'tool-call' && block.executedBy === 'client' ? this.#changed.get(block.name) : undefined
  }

  #tool(tool: Tool, path: string, losses: LossSink): Tool {
    if (tool.type === 'foreign') return tool
    const wraps = tool.type === 'freeform' && !this.#freeform
    const name = this.#name(tool.name, tool.namespace)
    const keepsGroup = tool.namespace === undefined || this.#support.namespaces
    if (!wraps && keepsGroup && name === tool.name) return tool
    this.#changed.set(name, { name: tool.name, ...(tool.namespace !== undefined && { namespace: tool.namespace }), freeform: wraps })
    // Restored in the reply, so nothing but the model's view of the name differs.
    if (name !== tool.name) losses.approximated(`${path}.name`, 'tool-name', 'hint', name)
    const { namespace, ...bare } = tool
    const placed: Tool = { ...bare, name, ...(keepsGroup && namespace !== undefined && { namespace }) }
    return placed.type === 'freeform' && wraps ? wrapFreeform(placed, path, losses) : placed
  }

  /** A group stands before the name; what is not accepted, or too long, is cut and told apart by a digest. */
  #name(name: string, namespace: string | undefined): string {
    const { name: accepted, longestName, namespaces } = this.#support
    const whole = namespace === undefined || namespaces ? name : `${namespace}__${name}`
    if (whole.length <= longestName && accepted.test(whole)) return whole
    const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8)
    return `${whole
      .replace(/[^a-zA-Z0-9_-]/g, '_')
      .replace(/^[^a-zA-Z_]/, '_')
      .slice(0, longestName - 9)}_${digest}`
  }

  #turn(turn: Turn): Turn {
    const blocks = turn.blocks.map((block) => this.#block(block))
    return blocks.every((block, index) => block === turn.blocks[index]) ? turn : { ...turn, blocks }
  }

  #block(block: Block): Block {
    if (block.type === 'tool-result' && block.name !== undefined) {
      const name = this.#name(block.name, undefined)
      return name === block.name ? block : { ...block, name }
    }
    if (block.type !== 'tool-call' || block.executedBy !== 'client') return block
    const name = this.#name(block.name, block.namespace)
    const wraps = block.form === 'text' && !this.#freeform
    const keepsGroup = block.namespace === undefined || this.#support.namespaces
    if (name === block.name && !wraps && keepsGroup) return block
    const { namespace, ...bare } = block
    return {
      ...bare,
      name,
      ...(keepsGroup && namespace !== undefined && { namespace }),
      ...(wraps && { form: 'json', argumentsText: JSON.stringify({ [freeTextProperty]: block.argumentsText }) }),
    }
  }

  #choice(choice: ToolChoice, tools: readonly Tool[]): ToolChoice {
    const groups = new Map(tools.flatMap((tool) => (tool.type === 'foreign' ? [] : [[tool.name, tool.namespace] as const])))
    const accepted = (name: string, namespace = groups.get(name)) => this.#name(name, namespace)
    if (choice.type === 'tool') {
      const { namespace, ...bare } = choice
      return { ...bare, name: accepted(choice.name, namespace), ...(this.#support.namespaces && namespace !== undefined && { namespace }) }
    }
    return choice.type === 'allowed' ? { ...choice, names: choice.names.map((name) => accepted(name)) } : choice
  }
}

function renamed(block: ToolCallBlock, { name, namespace }: Mapped): ToolCallBlock {
  return { ...block, name, ...(namespace !== undefined && { namespace }) }
}

function wrapFreeform(tool: FreeformTool, path: string, losses: LossSink): Tool {
  losses.approximated(path, 'freeform-tool', 'hint', `A function whose argument "${freeTextProperty}" is the text.`)
  const { format, description, type: _, ...bare } = tool
  const told = [description, `The whole input goes into the argument "${freeTextProperty}" as it is, without any wrapping.`, grammarOf(format)]
  return {
    ...bare,
    type: 'function',
    description: told.filter((part) => part).join('\n\n'),
    parameters: {
      type: 'object',
      properties: { [freeTextProperty]: { type: 'string', description: 'The whole input of the tool.' } },
      required: [freeTextProperty],
      additionalProperties: false,
    },
  }
}

function grammarOf(format: Json | undefined): string | undefined {
  if (format === undefined) return undefined
  if (isJsonObject(format) && format.type === 'text') return undefined
  if (isJsonObject(format) && typeof format.definition === 'string')
    return `It must follow this ${String(format.syntax ?? 'grammar')} grammar:\n${format.definition}`
  return `It must follow this format: ${JSON.stringify(format)}`
}

/** Arguments that do not have the shape that was asked for reach the tool as they are. */
function freeText(argumentsText: string): string {
  let value: Json
  try {
    value = JSON.parse(argumentsText) as Json
  } catch {
    return argumentsText
  }
  return isJsonObject(value) && typeof value[freeTextProperty] === 'string' ? value[freeTextProperty] : argumentsText
}
