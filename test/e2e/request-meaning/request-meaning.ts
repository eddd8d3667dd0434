import { createHash } from 'node:crypto'
import { type Fields, isObject, objects } from '../../support/json-fields.ts'

export type Speaker = 'system' | 'user' | 'assistant'

/** One thing in the order in which the model is told it. */
export type Said =
  | { readonly type: 'text'; readonly by: Speaker; readonly text: string }
  | { readonly type: 'media'; readonly by: Speaker; readonly digest: string }
  | { readonly type: 'call'; readonly name: string; readonly arguments: unknown }
  /** `of` counts the calls from 0, whatever their ids are; -1 for a call that is not there. */
  | { readonly type: 'result'; readonly of: number; readonly text: string; readonly media: readonly string[] }

export interface AskedTool {
  /** With its group before it, where it has one. */
  readonly name: string
  readonly description: string
  /** The paths of all properties of the arguments, sorted; undefined for a tool that takes free text. */
  readonly properties: readonly string[] | undefined
}

/** What a model is asked, whatever protocol it is asked in. What a request does not say is undefined. */
export interface RequestMeaning {
  /** System text that stands before everything else. */
  readonly system: string
  readonly said: readonly Said[]
  readonly tools: readonly AskedTool[]
  /** Tools that the vendor runs itself, in the words web-search, web-fetch, code-execution, mcp, or the vendor's own. */
  readonly hosted: readonly string[]
  /** `auto`, `none`, `required`, or `tool:` or `allowed:` with names. */
  readonly toolChoice: string | undefined
  /** Present when the caller forbids parallel calls. */
  readonly parallel: false | undefined
  readonly limit: number | undefined
  readonly temperature: number | undefined
  readonly topP: number | undefined
  readonly topK: number | undefined
  readonly seed: number | undefined
  readonly stop: readonly string[]
  readonly candidates: number | undefined
  /** `json`, or the paths of all properties that the answer must have. */
  readonly output: 'json' | readonly string[] | undefined
  readonly reasoning: 'on' | 'off' | undefined
  readonly stream: boolean
}

/** Gathers what is said; texts of one speaker that follow each other are one. */
export class Transcript {
  readonly said: Said[] = []
  readonly #calls: { readonly id: unknown; readonly name: string }[] = []
  readonly #answered = new Set<number>()

  text(by: Speaker, text: unknown): void {
    if (typeof text !== 'string' || text.trim() === '') return
    const last = this.said.at(-1)
    if (last?.type === 'text' && last.by === by) this.said[this.said.length - 1] = { ...last, text: `${last.text}\n${tidy(text)}` }
    else this.said.push({ type: 'text', by, text: tidy(text) })
  }

  media(by: Speaker, digest: string): void {
    this.said.push({ type: 'media', by, digest })
  }

  call(id: unknown, name: unknown, args: unknown): void {
    this.#calls.push({ id, name: String(name) })
    this.said.push({ type: 'call', name: String(name), arguments: args })
  }

  /** The result of the call with an id, or, without one, of the first open call of a tool. */
  result(id: unknown, name: unknown, text: string, media: readonly string[] = []): void {
    const of = this.#calls.findIndex((call, index) => (id === undefined ? call.name === name && !this.#answered.has(index) : call.id === id))
    this.#answered.add(of)
    this.said.push({ type: 'result', of, text: resultText(text), media })
  }

  /** System text up to the first thing that anybody else said, and the rest. */
  split(): Pick<RequestMeaning, 'system' | 'said'> {
    const first = this.said[0]
    return first?.type === 'text' && first.by === 'system' ? { system: first.text, said: this.said.slice(1) } : { system: '', said: this.said }
  }
}

/** Begins the result of a search for tools, before their names. */
export const foundTools = 'found: '

/** White space at the ends of lines and texts, and how many blank lines there are, tells a model nothing. */
export function tidy(text: string): string {
  return text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim()
}

/** A tool's answer without the wrapping that one protocol demands: an object with nothing but the text in it. */
function resultText(text: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return tidy(text)
  }
  if (!isObject(value)) return tidy(text)
  // Some clients repeat the tool's name beside its answer.
  const entries = Object.entries(value).filter(([name], _, all) => !(name === 'name' && all.length === 2))
  const [name, only] = entries.length === 1 ? (entries[0] as [string, unknown]) : []
  if (name !== undefined && ['output', 'result', 'error', 'content'].includes(name)) return typeof only === 'string' ? resultText(only) : canonical(only)
  return canonical(value)
}

/** JSON with its members in order, so that equal values are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1))) : inner,
  )
}

/** A short digest of media: of the bytes, or of the address. */
export function digestOf(kind: string, data: unknown): string {
  const text = String(data)
  const inline = /^data:[^,]*;base64,/.exec(text)?.[0] ?? ''
  return `${kind}:${createHash('sha256').update(text.slice(inline.length)).digest('hex').slice(0, 12)}`
}

/** Arguments as a program reads them; free text as it is. */
export function argumentsOf(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? {}
  if (value.trim() === '') return {}
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** The paths of all properties in a schema, sorted; alternatives and definitions included. */
export function propertiesOf(schema: unknown, at = ''): string[] {
  const found = new Set<string>()
  collect(schema, at, found)
  return [...found].sort()
}

function collect(schema: unknown, at: string, found: Set<string>): void {
  if (!isObject(schema)) return
  for (const [name, inner] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    found.add(`${at}${name}`)
    collect(inner, `${at}${name}.`, found)
  }
  collect(schema.items, `${at}[].`, found)
  for (const word of ['anyOf', 'any_of', 'oneOf', 'allOf'] as const) for (const inner of objects(schema[word])) collect(inner, at, found)
  for (const word of ['$defs', 'definitions'] as const)
    for (const [name, inner] of Object.entries(isObject(schema[word]) ? schema[word] : {})) collect(inner, `${name}#`, found)
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** The value of the first of the names that a member stands under. */
export function member(fields: unknown, ...names: readonly string[]): unknown {
  if (!isObject(fields)) return undefined
  for (const name of names) if (fields[name] !== undefined && fields[name] !== null) return fields[name]
  return undefined
}

export function memberObject(fields: unknown, ...names: readonly string[]): Fields {
  const value = member(fields, ...names)
  return isObject(value) ? value : {}
}

/** Texts of a list of stop sequences, or of the one. */
export function stopsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.map(String) : []
}
