import { type Behaviour, type GivenUsage, plainBehaviour } from './behaviour.ts'
import { takeObject } from './take-object.ts'

/** What a directive sets, and the text behind its arguments. */
type Taken = readonly [change: Partial<Behaviour>, rest: string]

const longestDelay = 60_000

const directives: Readonly<Record<string, (rest: string) => Taken>> = {
  tool: (rest) => {
    const [name, afterName] = take(rest, /^[ \t]+([A-Za-z_][\w.:-]*)/)
    const [toolArguments, afterArguments] = takeObject(afterName)
    return [{ calls: 1, ...(name !== undefined && { toolName: name }), ...(toolArguments !== undefined && { toolArguments }) }, afterArguments]
  },
  tools: (rest) => withNumber(rest, 2, (count) => ({ calls: between(count, 1, 16) })),
  think: (rest) => [{ think: true }, rest],
  refuse: (rest) => [{ refuse: true }, rest],
  length: (rest) => [{ length: true }, rest],
  error: (rest) => withNumber(rest, 500, (status) => ({ error: between(status, 400, 599) })),
  'error-mid': (rest) => withNumber(rest, 500, (status) => ({ errorMidway: between(status, 400, 599) })),
  cut: (rest) => [{ cut: 'break' }, rest],
  end: (rest) => [{ cut: 'end' }, rest],
  slow: (rest) => withNumber(rest, 200, (delay) => ({ delay: between(delay, 0, longestDelay) })),
  split: (rest) => withNumber(rest, 7, (split) => ({ split: between(split, 1, 65_536) })),
  repeat: (rest) => withNumber(rest, 2, (repeat) => ({ repeat: between(repeat, 1, 100_000) })),
  usage: (rest) => {
    const [figures = '', afterFigures] = take(rest, /^((?:[ \t]+[a-z-]+=\d+)+)/)
    return [{ usage: usageOf(figures) }, afterFigures]
  },
}

/** Reads the directives out of the user's text and the model's name; the text's win. What is left of the text is what the user said. */
export function readDirectives(model: string, text: string): { readonly behaviour: Behaviour; readonly said: string } {
  let behaviour = fromModelName(model)
  const said: string[] = []
  let left = text
  while (left !== '') {
    const found = take(left, /^[ \t]*\/([a-z-]+)(?=\s|$)/)
    const directive = found[0] !== undefined && Object.hasOwn(directives, found[0]) ? directives[found[0]] : undefined
    if (directive) {
      const [by, rest] = directive(found[1])
      behaviour = change(behaviour, by)
      left = rest.replace(/^[ \t]*\n?/, '')
      continue
    }
    const lineEnd = left.indexOf('\n')
    said.push(lineEnd === -1 ? left : left.slice(0, lineEnd))
    left = lineEnd === -1 ? '' : left.slice(lineEnd + 1)
  }
  return { behaviour, said: said.join('\n').trim() }
}

/** `loopback-tool`, `loopback-error-429`, `loopback-think-slow-50`: the words behind the name are directives, a number is an argument. */
function fromModelName(model: string): Behaviour {
  const suffix = /^loopback-(.+)$/.exec(model.toLowerCase())?.[1] ?? ''
  const words = suffix.match(/error-mid|[a-z]+|\d+/g) ?? []
  let behaviour = plainBehaviour
  for (const [index, word] of words.entries()) {
    const directive = Object.hasOwn(directives, word) ? directives[word] : undefined
    const next = words[index + 1] ?? ''
    if (directive) behaviour = change(behaviour, directive(/^\d/.test(next) ? ` ${next}` : '')[0])
  }
  return behaviour
}

/** A tool that is named does not lower the number of calls that is asked for beside it. */
function change(behaviour: Behaviour, by: Partial<Behaviour>): Behaviour {
  return { ...behaviour, ...by, calls: Math.max(behaviour.calls, by.calls ?? 0) }
}

function take(text: string, pattern: RegExp): readonly [found: string | undefined, rest: string] {
  const match = pattern.exec(text)
  return match ? [match[1], text.slice(match[0].length)] : [undefined, text]
}

function withNumber(text: string, usual: number, setting: (value: number) => Partial<Behaviour>): Taken {
  const [digits, rest] = take(text, /^[ \t]+(\d{1,9})(?=\s|$)/)
  return [setting(digits === undefined ? usual : Number(digits)), rest]
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

function usageOf(figures: string): GivenUsage {
  const given = new Map([...figures.matchAll(/([a-z-]+)=(\d{1,9})/g)].map(([, name, value]) => [name, Number(value)] as const))
  const read = (name: string) => given.get(name)
  const [input, output, cacheRead, cacheWrite, reasoning] = ['input', 'output', 'cache-read', 'cache-write', 'reasoning'].map(read)
  return {
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(reasoning !== undefined && { reasoning }),
  }
}
