import type { Extensions } from './blocks.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/**
 * The member of a protocol's extensions that says how something was spelled on the wire. Nothing is lost when it is dropped, so encoders of other
 * protocols pass over members that begin with `$`.
 */
const memoField = '$wire'

export interface Memo {
  readonly [name: string]: Json | undefined
}

export interface Extended {
  readonly ext?: Extensions
}

/** Keeps for one protocol what the neutral form has no name for: unknown fields, and how known ones were spelled. */
export interface WireMemo {
  /** Unknown fields and spellings as the extensions of a node, to be spread into it. */
  remember(fields: JsonObject, memo?: Memo): Extended
  /** What `remember` kept. `fields` begins with the members that said nothing, so that a value set since then overwrites them. */
  recall(node: Extended): { readonly fields: JsonObject; readonly memo: JsonObject }
  /** The same for a node that the wire wraps in an object of its own, such as `function` of a tool: `inner` is what the wrapped object left over. */
  rememberInner(outer: JsonObject, key: string, inner: JsonObject, memo: Memo): Extended
  recallInner(node: Extended, key: string): { readonly outer: JsonObject; readonly inner: JsonObject; readonly memo: JsonObject }
  /** True when the whole (a conversation, a reply) was read from this protocol, so that it is written back as it was. */
  isNative(whole: Extended): boolean
}

export function wireMemo(protocol: string): WireMemo {
  const remember = (fields: JsonObject, memo: Memo = {}): Extended => {
    const spellings = Object.entries(memo).filter(([name, value]) => !isIdle(name, value))
    const own = spellings.length === 0 ? fields : { ...fields, [memoField]: Object.fromEntries(spellings) as JsonObject }
    return isEmpty(own) ? {} : { ext: { [protocol]: own } }
  }
  const recall = (node: Extended): { readonly fields: JsonObject; readonly memo: JsonObject } => {
    const own = node.ext?.[protocol]
    if (!own) return { fields: {}, memo: {} }
    const { [memoField]: remembered, ...fields } = own
    if (!isJsonObject(remembered)) return { fields, memo: {} }
    const { unset, ...memo } = remembered
    return { fields: isJsonObject(unset) ? { ...unset, ...fields } : fields, memo }
  }
  return {
    remember,
    recall,
    rememberInner: (outer, key, inner, memo) => remember(isEmpty(inner) ? outer : { ...outer, [key]: inner }, memo),
    recallInner(node, key) {
      const { fields, memo } = recall(node)
      const { [key]: kept, ...outer } = fields
      const { unsetInner } = memo
      return { outer, inner: { ...(isJsonObject(unsetInner) && unsetInner), ...(isJsonObject(kept) && kept) }, memo }
    },
    isNative: (whole) => recall(whole).memo.native === true,
  }
}

/** Parts the members that say nothing (null, an empty list) from those that do. */
export function splitUnset(object: JsonObject): { readonly given: JsonObject; readonly unset: JsonObject } {
  const entries = Object.entries(object)
  const saysNothing = ([, value]: readonly [string, Json]) => value === null || (Array.isArray(value) && value.length === 0)
  if (!entries.some(saysNothing)) return { given: object, unset: {} }
  return { given: Object.fromEntries(entries.filter((entry) => !saysNothing(entry))), unset: Object.fromEntries(entries.filter(saysNothing)) }
}

function isIdle(name: string, value: Json | undefined): boolean {
  return value === undefined || ((name === 'unset' || name === 'unsetInner') && isJsonObject(value) && isEmpty(value))
}

export function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}
