import type { Block, ToolCallBlock } from './blocks.ts'
import type { Conversation, Tool, ToolChoice, Turn } from './conversation.ts'
import type { ReplyEvent } from './events.ts'
import { unwrapText, wrapFreeform, wrapText } from './freeform-tool.ts'
import type { LossSink } from './loss.ts'
import { placeOf, ToolNames } from './tool-names.ts'

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

/** A caller's tool, or one that it called earlier. */
interface Known {
  readonly name: string
  readonly namespace: string | undefined
  /** Its input is free text. */
  readonly freeform: boolean
  readonly offered: boolean
}

/** The most free text that is kept back of one call, in characters: more than any model writes. What is longer goes on as it came. */
const longestHeld = 16 * 1024 * 1024

/**
 * Brings tools, the choice among them and the calls of earlier turns into the form that the provider's protocol takes, and the calls of the reply
 * back into the caller's. One per attempt.
 */
export class ToolMapping {
  readonly #groups: boolean
  /** Free text has to be wrapped into a function's arguments. */
  readonly #wraps: boolean
  readonly #names: ToolNames
  /** By name and group, in the caller's words. */
  readonly #known = new Map<string, Known>()
  /** The same tools by their bare names and by their groups, in their order. */
  readonly #namesakes = new Map<string, Known[]>()
  readonly #grouped = new Map<string, Known[]>()
  /** The same tools by their place on the provider's wire, as far as the caller has another word or form for them. */
  readonly #changed = new Map<string, Known>()

  constructor(support: ToolSupport, freeformTools: boolean) {
    this.#groups = support.namespaces
    this.#wraps = support.freeform === 'never' || (support.freeform === 'by-model' && !freeformTools)
    this.#names = new ToolNames(support)
  }

  /** The same conversation when nothing has to change. */
  map(conversation: Conversation, losses: LossSink): Conversation {
    this.#learn(conversation)
    const { toolChoice } = conversation
    const called = calledNames(conversation.turns, (block) => this.#nameOf(this.#find(block.name, block.namespace)))
    const turns = conversation.turns.map((turn) => this.#turn(turn, called))
    if (this.#changed.size === 0 && turns.every((turn, index) => turn === conversation.turns[index])) return conversation
    return {
      ...conversation,
      tools: conversation.tools.map((tool, index) => this.#tool(tool, `tools[${index}]`, losses)),
      turns,
      ...(toolChoice && { toolChoice: this.#choice(toolChoice) }),
    }
  }

  /** A block of the provider's reply as the caller waits for it. */
  restore(block: Block): Block {
    const known = this.#asked(block)
    if (!known || block.type !== 'tool-call') return block
    const restored = renamed(block, known)
    return this.#isWrapped(block, known) ? { ...restored, form: 'text', argumentsText: unwrapText(block.argumentsText) } : restored
  }

  /** The same for a stream: one function per reply. Free text is kept back until it is whole, because it stands in the arguments as a JSON string. */
  restoreEvents(): (event: ReplyEvent) => readonly ReplyEvent[] {
    if (this.#changed.size === 0) return (event) => [event]
    const held = new Map<number, string>()
    return (event) => {
      if (event.type === 'block-start') {
        const { block } = event
        const known = this.#asked(block)
        if (!known || block.type !== 'tool-call') return [event]
        if (!this.#isWrapped(block, known)) return [{ ...event, block: renamed(block, known) }]
        held.set(event.index, block.argumentsText)
        return [{ ...event, block: { ...renamed(block, known), form: 'text', argumentsText: '' } }]
      }
      if (event.type !== 'block-delta' && event.type !== 'block-end') return [event]
      const text = held.get(event.index)
      if (text === undefined) return [event]
      if (event.type === 'block-end') {
        held.delete(event.index)
        return [...textOf(event.index, unwrapText(text)), event]
      }
      if (event.delta.type !== 'text') return [event]
      const longer = text + event.delta.text
      if (longer.length <= longestHeld) {
        held.set(event.index, longer)
        return []
      }
      held.delete(event.index)
      return textOf(event.index, longer)
    }
  }

  /** Names for all tools of the conversation: those on offer first, then those that earlier turns called. */
  #learn({ tools, turns }: Conversation): void {
    for (const tool of tools) {
      if (tool.type !== 'foreign') this.#remember({ name: tool.name, namespace: tool.namespace, freeform: tool.type === 'freeform', offered: true })
      if (tool.type !== 'foreign') continue
      // Neither can be renamed: a provider gives its own tools names, for some the service's word.
      if (tool.name !== undefined) this.#names.reserve(tool.name)
      if (tool.hosted) this.#names.reserve(tool.hosted.service.replaceAll('-', '_'))
    }
    this.#names.assign([...this.#known.values()])
    for (const { blocks } of turns)
      for (const block of blocks)
        if (isOwnCall(block) && !this.#find(block.name, block.namespace))
          this.#remember({ name: block.name, namespace: block.namespace, freeform: block.form === 'text', offered: false })
    this.#names.assign([...this.#known.values()])
    for (const known of this.#known.values()) {
      const name = this.#nameOf(known)
      const isKept = name === known.name && (known.namespace === undefined || this.#groups) && !(known.freeform && this.#wraps)
      if (!isKept) this.#changed.set(placeOf(name, this.#groups ? known.namespace : undefined), known)
    }
  }

  #remember(tool: Known): void {
    const place = placeOf(tool.name, tool.namespace)
    if (this.#known.has(place)) return
    this.#known.set(place, tool)
    addTo(this.#namesakes, tool.name, tool)
    if (tool.namespace !== undefined) addTo(this.#grouped, tool.namespace, tool)
  }

  /** The tool that is meant. Callers may leave a tool's group out where only one group on offer has such a tool. */
  #find(name: string, namespace: string | undefined): Known | undefined {
    const exact = this.#known.get(placeOf(name, namespace))
    if (exact || namespace !== undefined) return exact
    const [first, second] = this.#namesakes.get(name) ?? []
    // Those on offer come first.
    return first?.offered && !second?.offered ? first : undefined
  }

  #nameOf(known: Known): string
  #nameOf(known: Known | undefined): string | undefined
  #nameOf(known: Known | undefined): string | undefined {
    return known && this.#names.of(known.name, known.namespace)
  }

  /** The caller's tool that the provider calls, when the caller knows it otherwise. */
  #asked(block: Block): Known | undefined {
    return isOwnCall(block) ? this.#changed.get(placeOf(block.name, this.#groups ? block.namespace : undefined)) : undefined
  }

  #isWrapped(block: ToolCallBlock, known: Known): boolean {
    return known.freeform && this.#wraps && block.form === 'json'
  }

  #tool(tool: Tool, path: string, losses: LossSink): Tool {
    if (tool.type === 'foreign') return tool
    const name = this.#names.of(tool.name, tool.namespace)
    // Restored in the reply, so nothing but the model's view of the name differs.
    if (name !== tool.name) losses.approximated(`${path}.name`, 'tool-name', 'hint', name)
    const placed = this.#placed(tool, name)
    return placed.type === 'freeform' && this.#wraps ? wrapFreeform(placed, path, losses) : placed
  }

  #turn(turn: Turn, called: ReadonlyMap<string, string>): Turn {
    const blocks = turn.blocks.map((block) => this.#block(block, called))
    return blocks.every((block, index) => block === turn.blocks[index]) ? turn : { ...turn, blocks }
  }

  #block(block: Block, called: ReadonlyMap<string, string>): Block {
    if (block.type === 'tool-result' && block.name !== undefined) {
      const name = called.get(block.callId) ?? this.#nameOf(this.#find(block.name, undefined)) ?? block.name
      return name === block.name ? block : { ...block, name }
    }
    if (!isOwnCall(block)) return block
    const known = this.#find(block.name, block.namespace)
    const name = this.#nameOf(known) ?? block.name
    const placed = this.#placed(block, name)
    return block.form === 'text' && this.#wraps ? { ...placed, form: 'json', argumentsText: wrapText(block.argumentsText) } : placed
  }

  /** Under its name on the wire, and in a group only where there are groups. */
  #placed<Named extends { readonly name: string; readonly namespace?: string }>(named: Named, name: string): Named {
    if (this.#groups || named.namespace === undefined) return name === named.name ? named : { ...named, name }
    const { namespace: _, ...bare } = named
    return { ...bare, name } as Named
  }

  #choice(choice: ToolChoice): ToolChoice {
    if (choice.type === 'tool') return this.#placed(choice, this.#nameOf(this.#find(choice.name, choice.namespace)) ?? choice.name)
    if (choice.type !== 'allowed') return choice
    return { ...choice, names: [...new Set(choice.names.flatMap((name) => this.#meant(name)))] }
  }

  /** A bare name may mean a tool, tools of several groups, or a whole group. */
  #meant(name: string): readonly string[] {
    const exact = this.#known.get(placeOf(name, undefined))
    if (exact) return [this.#nameOf(exact)]
    const meant = this.#namesakes.get(name) ?? this.#grouped.get(name)
    return meant ? meant.map((known) => this.#nameOf(known)) : [name]
  }
}

function addTo(lists: Map<string, Known[]>, key: string, tool: Known): void {
  const list = lists.get(key)
  if (list) list.push(tool)
  else lists.set(key, [tool])
}

/** A call that the caller's program is to run. */
function isOwnCall(block: Block): block is ToolCallBlock {
  return block.type === 'tool-call' && block.executedBy === 'client'
}

/** The name on the wire of every earlier call, by its id: results repeat it. */
function calledNames(turns: readonly Turn[], nameOf: (block: ToolCallBlock) => string | undefined): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { blocks } of turns) for (const block of blocks) if (isOwnCall(block)) names.set(block.id, nameOf(block) ?? block.name)
  return names
}

function renamed(block: ToolCallBlock, { name, namespace }: Known): ToolCallBlock {
  return { ...block, name, ...(namespace !== undefined && { namespace }) }
}

function textOf(index: number, text: string): readonly ReplyEvent[] {
  return text === '' ? [] : [{ type: 'block-delta', index, delta: { type: 'text', text } }]
}
