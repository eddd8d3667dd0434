import {
  type Block,
  type Conversation,
  isGatewaySeal,
  isJsonObject,
  type Json,
  joinSeals,
  noOpaqueValue,
  type Reply,
  type SealableBlock,
  type SessionEntry,
  type SessionStore,
  sealsIn,
  type ToolCallBlock,
  type TranslationTarget,
  type Turn,
} from 'tokligence'
import { copyKey, saidLast } from './copy-key.ts'
import { type LargeSeals, referredKey } from './large-seals.ts'

/** The most that the long seals of a request are read for, in characters: more than what a request may hold. */
const mostLengthened = 96 * 1024 * 1024

/** How many long seals are read together. */
const keysAtOnce = 16

/** A seal of a turn. */
interface PlacedSeal {
  readonly seal: string
  /** What it is of. */
  readonly type: Block['type']
  /** Where that stood: behind so many of the reply's calls. */
  readonly behind: number
  /** It stood before everything else. */
  readonly leads?: true
}

/** What is kept under the key of the turn's first call, as JSON. */
interface SealCopy extends Pick<TranslationTarget, 'provider' | 'account' | 'protocol'> {
  /** The ids of the reply's calls. */
  readonly calls: readonly string[]
  readonly seals: readonly PlacedSeal[]
}

/**
 * Copies of the seals in turns that call tools, for clients that give the calls back without them. They are kept for one principal, and put back for
 * the provider alone that gave what is in them. Both methods reject as the store does.
 */
export class SealCopies {
  readonly #store: SessionStore
  readonly #large: LargeSeals
  readonly #timeToLive: number

  /** `timeToLive`: milliseconds that a copy lives, if the store does not forget it before. */
  constructor(store: SessionStore, large: LargeSeals, timeToLive: number) {
    this.#store = store
    this.#large = large
    this.#timeToLive = timeToLive
  }

  /** `reply` is in its caller's terms: its opaque values are seals. `conversation` is what it answers. */
  async keep(reply: Reply, { provider, account, protocol }: TranslationTarget, conversation: Conversation, principal: string | undefined): Promise<void> {
    const said = saidLast(conversation.turns)
    const expiresAt = Date.now() + this.#timeToLive
    const copies = reply.candidates.flatMap(({ blocks }) => {
      const [first] = callsIn(blocks)
      const seals = first ? placedSeals(blocks) : []
      if (!first || seals.length === 0) return []
      const copy: SealCopy = { provider, account, protocol, calls: callIds(blocks), seals }
      return [{ key: copyKey(first, said), value: JSON.stringify(copy), expiresAt }]
    })
    const references = reply.candidates.flatMap(({ blocks }) => sealsOf(blocks).filter((seal) => referredKey(seal) !== undefined))
    const large = references.flatMap((reference): readonly SessionEntry[] => {
      const [key, value] = [referredKey(reference), this.#large.claim(reference, principal)]
      return key === undefined || value === undefined ? [] : [{ key, value, expiresAt }]
    })
    const entries = [...copies, ...large]
    if (entries.length > 0) await this.#store.put(principal, entries)
    for (const reference of references) this.#large.kept(reference)
  }

  /** The conversation with the seals that its client left out; the same one when there is nothing to put back. */
  async restore(conversation: Conversation, target: TranslationTarget, principal: string | undefined): Promise<Conversation> {
    return this.#lengthen(await this.#complete(conversation, target, principal), principal)
  }

  /** With the seals that stand in the conversation as references; one that is not kept any more, or is one too many, stays, and is no seal. */
  async #lengthen(conversation: Conversation, principal: string | undefined): Promise<Conversation> {
    const wanted = new Set(conversation.turns.flatMap(({ blocks }) => sealsOf(blocks).flatMap((seal) => referredKey(seal) ?? [])))
    if (wanted.size === 0) return conversation
    const kept = await this.#getUpTo(mostLengthened, [...wanted], principal)
    const sealAt = (reference: string) => kept.get(referredKey(reference) ?? '') ?? this.#large.claimedBy(principal, reference)
    const lengthened = (block: Block): Block => {
      if (!('sealed' in block) || !block.sealed || !sealsOn(block).some(sealAt)) return block
      const seals = sealsIn(block.sealed.value).map((seal) => sealAt(seal) ?? seal)
      return { ...block, sealed: { ...block.sealed, value: joinSeals(seals) } }
    }
    return { ...conversation, turns: conversation.turns.map((turn) => ({ ...turn, blocks: turn.blocks.map(lengthened) })) }
  }

  /** The last keys first, until what is found is longer than so many characters. */
  async #getUpTo(most: number, keys: readonly string[], principal: string | undefined): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>()
    let length = 0
    for (let end = keys.length; end > 0 && length <= most; end -= keysAtOnce) {
      for (const { key, value } of await this.#store.get(principal, keys.slice(Math.max(0, end - keysAtOnce), end))) {
        found.set(key, value)
        length += value.length
      }
    }
    return found
  }

  async #complete(conversation: Conversation, target: TranslationTarget, principal: string | undefined): Promise<Conversation> {
    const runs = assistantRuns(conversation.turns)
    const keys = runs.map((run, index) => (lacksThoughts(run) ? keysOf(run, runs, index) : []))
    const wanted = new Set(keys.flat())
    if (wanted.size === 0) return conversation
    const found = await this.#store.get(principal, [...wanted])
    const copies = new Map(found.map(({ key, value }) => [key, readCopy(value, target)]))
    let changed = false
    const turns = runs.flatMap((run, index) => {
      const completed = completeRun(
        run,
        (keys[index] ?? []).flatMap((key) => copies.get(key) ?? []),
      )
      changed ||= completed !== run
      return completed
    })
    return changed ? { ...conversation, turns } : conversation
  }
}

/** Any call of the turn may be the first one: the client may have left out others. */
function keysOf(run: readonly Turn[], runs: readonly (readonly Turn[])[], index: number): readonly string[] {
  const start = runs.slice(0, index).findLastIndex(([turn]) => turn?.role === 'assistant') + 1
  const said = saidLast(runs.slice(start, index).flat())
  return callsIn(blocksOf(run)).map((call) => copyKey(call, said))
}

/** Those that the client answers. */
function callsIn(blocks: readonly Block[]): readonly ToolCallBlock[] {
  return blocks.filter((block): block is ToolCallBlock => block.type === 'tool-call' && block.executedBy === 'client')
}

function callIds(blocks: readonly Block[]): readonly string[] {
  return callsIn(blocks).map(({ id }) => id)
}

function placedSeals(blocks: readonly Block[]): readonly PlacedSeal[] {
  return blocks.flatMap((block, index): readonly PlacedSeal[] => {
    const before = blocks.slice(0, index)
    const leads = before.every(({ type }) => type === 'reasoning') && ({ leads: true } as const)
    return sealsOn(block).map((seal) => ({ seal, type: block.type, behind: callIds(before).length, ...leads }))
  })
}

/** The seals in a block's slot that hold something. */
function sealsOn(block: Block): readonly string[] {
  const value = 'sealed' in block ? block.sealed?.value : undefined
  return value !== undefined && isGatewaySeal(value) ? sealsIn(value).filter((seal) => seal !== '' && seal !== noOpaqueValue) : []
}

function sealsOf(blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap(sealsOn)
}

/** The turns, those of the assistant that follow one another together. */
function assistantRuns(turns: readonly Turn[]): readonly (readonly Turn[])[] {
  const runs: Turn[][] = []
  for (const turn of turns) {
    const last = runs.at(-1)
    if (last && turn.role === 'assistant' && last[0]?.role === 'assistant') last.push(turn)
    else runs.push([turn])
  }
  return runs
}

function blocksOf(run: readonly Turn[]): readonly Block[] {
  return run.flatMap(({ blocks }) => blocks)
}

/** Clients that give back one sealed thought of a turn give back all. */
function lacksThoughts(run: readonly Turn[]): boolean {
  return run[0]?.role === 'assistant' && !blocksOf(run).some((block) => block.type === 'reasoning' && sealsOn(block).length > 0)
}

function readCopy(value: string, { provider, account, protocol }: TranslationTarget): SealCopy | undefined {
  const copy = JSON.parse(value) as Json
  if (!isJsonObject(copy) || copy.provider !== provider || copy.account !== account || copy.protocol !== protocol) return undefined
  // Earlier versions kept other places.
  return !Array.isArray(copy.calls) ? undefined : (copy as unknown as SealCopy)
}

/** Where seals are put back in a run: at its beginning, before and behind the calls of these ids. */
interface FoundPlaces {
  readonly first: Block[]
  readonly before: Map<string, Block[]>
  readonly behind: Map<string, Block[]>
}

function completeRun(run: readonly Turn[], copies: readonly SealCopy[]): readonly Turn[] {
  const blocks = blocksOf(run)
  const there = new Set(sealsOf(blocks))
  const kept = new Set(callIds(blocks))
  const places: FoundPlaces = { first: [], before: new Map(), behind: new Map() }
  let thought = false
  let missing = false
  for (const { calls, seals } of copies) {
    for (const placed of seals) {
      if (there.has(placed.seal)) continue
      missing = true
      thought ||= placed.type === 'reasoning'
      placeIn(places, placed, calls, kept).push(carrierOf(placed.seal))
    }
  }
  if (!missing) return run
  return run.map((turn, index): Turn => {
    const completed = turn.blocks.flatMap((block): readonly Block[] => {
      // What the client was shown of thoughts that now come back whole.
      if (thought && block.type === 'reasoning' && !block.sealed) return []
      return block.type === 'tool-call' ? [...(places.before.get(block.id) ?? []), block, ...(places.behind.get(block.id) ?? [])] : [block]
    })
    return { ...turn, blocks: index === 0 ? [...places.first, ...completed] : completed }
  })
}

/** Calls that the client has left out are passed over: before the next that is there, else behind the last one. */
function placeIn({ first, before, behind }: FoundPlaces, seal: PlacedSeal, calls: readonly string[], kept: ReadonlySet<string>): Block[] {
  if (seal.leads) return first
  const next = calls.slice(seal.behind).find((id) => kept.has(id))
  if (next !== undefined) return listIn(before, next)
  const last = calls.slice(0, seal.behind).findLast((id) => kept.has(id))
  return last === undefined ? first : listIn(behind, last)
}

function listIn(lists: Map<string, Block[]>, id: string): Block[] {
  const list = lists.get(id) ?? []
  lists.set(id, list)
  return list
}

/** What a decoder makes of a slot that holds nothing but a seal. */
function carrierOf(seal: string): SealableBlock {
  return { type: 'reasoning', text: '', redacted: true, sealed: { issuer: 'seal', value: seal } }
}
