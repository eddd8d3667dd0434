import { isJsonObject, type Json, type JsonObject } from 'tokligence'

type Step = string | number
type Container = { [field: string]: Json } | Json[]

/**
 * A function call whose arguments come in pieces (FunctionCall.partialArgs and PartialArg in @google/genai 3.1.0; Vertex alone sends them). Each piece sets
 * the value at a JSON path, or goes on with the string that the last one began there.
 */
export class PartialCall {
  /** The part that began the call. */
  readonly part: JsonObject
  readonly #call: JsonObject
  #arguments: Container = {}
  #openString: string | undefined

  constructor(part: JsonObject, call: JsonObject) {
    this.part = part
    this.#call = call
    if (isJsonObject(call.args)) this.#arguments = structuredClone(call.args) as Container
    this.push(call)
  }

  push(call: JsonObject): void {
    const pieces: readonly Json[] = Array.isArray(call.partialArgs) ? call.partialArgs : []
    for (const piece of pieces) if (isJsonObject(piece)) this.#set(piece)
  }

  /** The call as it would have come whole. */
  get whole(): JsonObject {
    const { partialArgs: _, willContinue: __, ...call } = this.#call
    return { ...call, args: this.#arguments as Json }
  }

  #set(piece: JsonObject): void {
    const path = typeof piece.jsonPath === 'string' ? piece.jsonPath : '$'
    const steps = stepsOf(path)
    const value = givenValue(piece)
    if (steps.length === 0 || value === undefined) return
    const last = steps.at(-1) as Step
    let at: Container = this.#arguments
    for (const [index, step] of steps.slice(0, -1).entries()) at = childOf(at, step, typeof steps[index + 1] === 'number')
    const before = read(at, last)
    write(at, last, this.#openString === path && typeof before === 'string' && typeof value === 'string' ? before + value : value)
    this.#openString = piece.willContinue === true ? path : undefined
  }
}

function givenValue({ stringValue, numberValue, boolValue, nullValue }: JsonObject): Json | undefined {
  return stringValue ?? numberValue ?? boolValue ?? (nullValue === undefined ? undefined : null)
}

/** The part of RFC 9535 that names one place: `$.a.b[0]['c d']`. */
function stepsOf(path: string): Step[] {
  const steps: Step[] = []
  for (const [, name, index, single, double] of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/g))
    steps.push(index === undefined ? (name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1')) : Number(index))
  return steps
}

/** More elements than this in one step are no list but a fault. */
const furthestIndex = 100_000

function childOf(container: Container, step: Step, list: boolean): Container {
  const known = read(container, step)
  if (typeof known === 'object' && known !== null) return known as Container
  const made: Container = list ? [] : {}
  write(container, step, made as Json)
  return made
}

function read(container: Container, step: Step): Json | undefined {
  if (Array.isArray(container)) return container[Number(step)]
  return Object.hasOwn(container, step) ? container[step] : undefined
}

function write(container: Container, step: Step, value: Json): void {
  if (!Array.isArray(container)) {
    // An assignment to `__proto__` would set the prototype instead of a field.
    Object.defineProperty(container, step, { value, enumerable: true, configurable: true, writable: true })
    return
  }
  const index = Number(step)
  if (!Number.isInteger(index) || index > furthestIndex) return
  while (container.length < index) container.push(null)
  container[index] = value
}
