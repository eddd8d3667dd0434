import { isDeepStrictEqual } from 'node:util'
import type { Loss } from 'tokligence'
import type { RequestMeaning, Said } from './request-meaning.ts'
import { foundTools, tidy } from './request-meaning.ts'

/** What may differ where a loss of one of these features was reported, and nowhere else. */
const excuses: Readonly<Record<keyof RequestMeaning, RegExp>> = {
  system: /^(system-turn|empty-text|cache-marker|billing-header)$/,
  said: /^$/,
  tools: /^(tool-name|tool-namespace|duplicate-tool|tool-schema|schema-keywords|closed-schema|freeform-tool|strict-tool|tool-search|hosted-tool)$/,
  hosted: /^(hosted-tool|web-search|tool-search|mcp.*)$/,
  toolChoice: /^tool-choice$/,
  parallel: /^parallel-tool/,
  limit: /^max-tokens$/,
  temperature: /^temperature$/,
  topP: /^top-p$/,
  topK: /^top-k$/,
  seed: /^seed$/,
  stop: /^stop-sequences?$/,
  candidates: /^candidates$/,
  output: /^(output-.*|json-mode|schema-keywords|closed-schema|response-.*)$/,
  reasoning: /^(reasoning.*|thinking.*|effort)$/,
  stream: /^$/,
}

type Relaxation = readonly [excuse: RegExp, relax: (said: readonly Said[]) => readonly Said[]]

/** How what is said may be told otherwise, where the loss list says so: both sides are read as if they had been told so. */
const relaxations: readonly Relaxation[] = [
  [/^system-turn$/, (said) => joined(said.map((one) => (one.type === 'text' && one.by === 'system' ? { ...one, by: 'user' as const } : one)).map(withoutTags))],
  [/^block-order$/, textBeforeCalls],
  [/^tool-result-media$/, mediaBehindResults],
  [/^(tool-name|tool-namespace)$/, (said) => said.map((one) => (one.type === 'call' ? { ...one, name: '' } : one))],
  [
    /^(freeform-tool|tool-arguments|number-precision)$/,
    (said) => said.map((one) => (one.type === 'call' ? { ...one, arguments: freeText(one.arguments) } : one)),
  ],
  [/^tool-error$/, (said) => said.map((one) => (one.type === 'result' ? { ...one, text: one.text.replace(/^\W*(error|the tool failed)\W*/i, '') } : one))],
  [/^first-user-turn$/, (said) => (said[0]?.type === 'text' && said[0].by === 'user' ? said.slice(1) : said)],
]

/** What the provider is asked otherwise than the caller has asked, and no loss tells of. */
export function unexplained(caller: RequestMeaning, sent: RequestMeaning, losses: readonly Loss[]): string[] {
  const has = (excuse: RegExp) => losses.some(({ feature }) => excuse.test(feature))
  return (Object.keys(excuses) as (keyof RequestMeaning)[]).flatMap((aspect) => {
    const [before, after] = aspect === 'said' ? relaxed(caller.said, sent.said, losses) : [usual(aspect, caller[aspect]), usual(aspect, sent[aspect])]
    if (isDeepStrictEqual(before, after) || (aspect !== 'said' && has(excuses[aspect]))) return []
    if (aspect === 'system' && has(excuses.output) && String(after).replace(schemaInWords, '') === before) return []
    return [`${aspect}: ${firstDifference(before, after)} (losses: ${[...new Set(losses.map(({ feature }) => feature))].join()})`]
  })
}

const lostMedia = /^(file-reference|media-.*|(image|document|audio|video|file)(-input|-output)?|tool-result-media)$/

/** Without so many media of a turn that did not arrive. */
function withoutLost(before: readonly Said[], after: readonly Said[], dropped: number): readonly Said[] {
  let left = dropped
  const arrived = after.flatMap((one) => (one.type === 'media' ? [one.digest] : one.type === 'result' ? one.media : []))
  return before.filter((one) => {
    if (one.type !== 'media') return true
    const at = arrived.indexOf(one.digest)
    if (at !== -1) arrived.splice(at, 1)
    return at !== -1 || left-- <= 0
  })
}

/** How a schema for the answer is told where it cannot be said otherwise. */
const schemaInWords = /\n?Your final answer must be JSON[\s\S]*$/

/** What every vendor does when nothing is said, told as nothing. */
function usual(aspect: keyof RequestMeaning, value: unknown): unknown {
  const defaults: Partial<Record<keyof RequestMeaning, unknown>> = { toolChoice: 'auto', candidates: 1, temperature: 1, topP: 1 }
  return aspect in defaults && value === defaults[aspect] ? undefined : value
}

function relaxed(before: readonly Said[], after: readonly Said[], losses: readonly Loss[]): readonly [readonly Said[], readonly Said[]] {
  const has = (excuse: RegExp) => losses.some(({ feature }) => excuse.test(feature))
  const dropped = losses.filter(({ feature, action }) => action === 'dropped' && lostMedia.test(feature)).length
  let [one, other] = [joined(withoutLost(before, after, dropped)), joined(after)]
  for (const [excuse, relax] of relaxations) if (has(excuse)) [one, other] = [joined(relax(one)), joined(relax(other))]
  return [one.map((each, index) => foundInWords(each, other[index])), other]
}

/** Tools that a search has found, told in words: the names are what counts. */
function foundInWords(one: Said, other: Said | undefined): Said {
  if (one.type !== 'result' || other?.type !== 'result' || !one.text.startsWith(foundTools)) return one
  const names = one.text.slice(foundTools.length).split(',')
  return names.every((name) => other.text.includes(name)) ? { ...one, text: other.text } : one
}

/** Texts of one speaker that have come to stand beside each other. */
function joined(said: readonly Said[]): Said[] {
  const whole: Said[] = []
  for (const one of said) {
    const last = whole.at(-1)
    if (one.type === 'text' && last?.type === 'text' && last.by === one.by) whole[whole.length - 1] = { ...last, text: `${last.text}\n${one.text}` }
    else if (one.type !== 'text' || one.text !== '') whole.push(one)
  }
  return whole
}

function withoutTags(one: Said): Said {
  return one.type === 'text' ? { ...one, text: tidy(one.text.replace(/<\/?system-reminder>/g, '')) } : one
}

/** Within a turn of the assistant, text stands before the calls. */
function textBeforeCalls(said: readonly Said[]): readonly Said[] {
  const ordered: Said[] = []
  let calls: Said[] = []
  for (const one of said) {
    if (one.type === 'call') calls.push(one)
    else if (one.type === 'text' && one.by === 'assistant') ordered.push(one)
    else {
      ordered.push(...calls, one)
      calls = []
    }
  }
  return [...ordered, ...calls]
}

/** Media of a result stand behind it, in what the user says, under words that say so. */
function mediaBehindResults(said: readonly Said[]): readonly Said[] {
  return said.flatMap((one): Said[] => {
    if (one.type === 'text') return [{ ...one, text: tidy(one.text.replace(/^Attached media from tool result .*$/gm, '')) }]
    if (one.type !== 'result') return [one]
    const text = one.text.replace(/^The result is attached (in the next user message|behind the results of the tools)\.$/, '')
    return [{ ...one, text, media: [] }, ...one.media.map((digest): Said => ({ type: 'media', by: 'user', digest }))]
  })
}

/** Free text that stands in the one property of an object. */
function freeText(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const values = Object.values(value)
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : value
}

function firstDifference(before: unknown, after: unknown): string {
  const show = (value: unknown) => JSON.stringify(value)?.slice(0, 300) ?? 'nothing'
  if (!Array.isArray(before) || !Array.isArray(after)) return textDifference(show(before), show(after))
  const at =
    Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index).find((index) => !isDeepStrictEqual(before[index], after[index])) ?? 0
  return `[${at}] of ${before.length} and ${after.length}: ${textDifference(JSON.stringify(before[at]) ?? 'nothing', JSON.stringify(after[at]) ?? 'nothing')}`
}

function textDifference(before: string, after: string): string {
  let at = 0
  while (at < before.length && before[at] === after[at]) at++
  const from = Math.max(0, at - 60)
  return `${before.slice(from, at + 160)} ↔ ${after.slice(from, at + 160)}`
}
