import type { HookName, Loss } from 'tokligence'
import { type Fingerprint, firstDifference } from './fingerprint.ts'
import type { Remembered } from './history.ts'

/** Where a prompt ceases to be the one before with more behind it. */
export interface BrokenPrefix {
  /** In the earlier prompt, as it went to the provider. */
  readonly part: number
  /** In the caller's body where the client did it, else in the one that went to the provider. */
  readonly path: string
  readonly brokenBy: 'client' | 'gateway' | 'unknown'
}

/** A prompt that is looked at, with the place of each part. */
export interface LookedAt {
  readonly print: Fingerprint
  readonly paths: readonly string[]
}

/** The prompt as its caller sent it, and as it went to the provider. */
export interface BothPrompts {
  readonly asked: LookedAt
  readonly sent: LookedAt
  /** Both are in one protocol. */
  readonly identity: boolean
  /** The gateway completed the caller's body, which holds the newest turns alone: what the caller sent before is not looked at again. */
  readonly completed: boolean
}

/** Undefined when the earlier prompt is the beginning of this one. */
export function brokenPrefix(
  { asked: earlierAsked, sent: earlierSent }: Remembered,
  { asked, sent, identity, completed }: BothPrompts,
): BrokenPrefix | undefined {
  const part = firstDifference(earlierSent, sent.print)
  if (part === undefined) return undefined
  if (completed) return { part, path: placeOf(sent, part), brokenBy: 'unknown' }
  const own = firstDifference(earlierAsked, asked.print)
  // In one protocol the places can be compared: what broke before the client's change is not the client's.
  if (own === undefined || (identity && own > part)) return { part, path: placeOf(sent, part), brokenBy: 'gateway' }
  return { part, path: placeOf(asked, own), brokenBy: 'client' }
}

/** A prompt that is only cut off is broken where it ends. */
function placeOf({ paths }: LookedAt, part: number): string {
  return paths[part] ?? paths.at(-1) ?? ''
}

/** Who it was, in words. */
export interface Culprit {
  readonly brokenBy: BrokenPrefix['brokenBy']
  /** Ids of the plugins that may have done it; none where no plugin changed anything. */
  readonly plugins: readonly string[]
  readonly translation: { readonly from: string; readonly to: string } | undefined
}

/** Hooks by which a plugin can change what goes to a provider. */
export const changingHooks = ['modifyConversation', 'modifyTranslated', 'modifyUpstream'] as const satisfies readonly HookName[]

/** The loss in the ledger. */
export function lossOf({ path }: BrokenPrefix, culprit: Culprit, tokens: number): Loss {
  return { path, feature: 'cache-prefix', action: 'dropped', severity: 'hint', detail: `Changed since the request before by ${nameOf(culprit)}.`, tokens }
}

/** The line in the log, which says what to do next. */
export function messageOf({ path }: BrokenPrefix, culprit: Culprit, tokens: number): string {
  const cost = `about ${tokens} tokens were read anew instead of from the provider’s cache`
  return `${nameOf(culprit)} changed ${path} since the request before, so that ${cost}; ${adviceOf(culprit)}`
}

function nameOf({ brokenBy, plugins, translation }: Culprit): string {
  if (brokenBy === 'client') return 'the client'
  if (brokenBy === 'unknown') return 'the client or the gateway'
  if (plugins.length > 0) return plugins.length === 1 ? `the plugin ${plugins[0]}` : `one of the plugins ${plugins.join(', ')}`
  return translation ? `the translation from ${translation.from} to ${translation.to}` : 'the gateway'
}

function adviceOf({ brokenBy, plugins, translation }: Culprit): string {
  if (brokenBy === 'client') return 'have the client put what changes from request to request behind the turns that it has sent before'
  if (brokenBy === 'unknown') return 'compare the requests: the client’s instructions and tools, and what plugins make of them'
  if (plugins.length > 0) return 'have it change the newest turn alone, or the same turns in the same way every time'
  return translation ? `a provider that speaks ${translation.from} gets the client’s own bytes` : 'please report it'
}
