import { closest } from 'fastest-levenshtein'
import { z } from 'zod'

/** One thing that is wrong with an option. */
export interface OptionIssue {
  readonly path: readonly string[]
  /** A sentence. */
  readonly message: string
}

const optionWording: IssueWording = { noun: 'option', alsoKnown: ['id'] }

/** One line per problem: what is wrong where, and the nearest option when a name is unknown. */
export function describeIssues(where: string, error: z.ZodError, schema: z.ZodType): string {
  return listIssues(error, schema, optionWording)
    .map((issue) => `${where}: ${issue.message}`)
    .join('\n')
}

/** One line per option that a strict schema does not have, whatever else is wrong; undefined when there is none. */
export function describeUnknown(where: string, given: object, schema: z.ZodType): string | undefined {
  const inner = unwrap(schema)
  if (!(inner instanceof z.ZodObject && inner.def.catchall instanceof z.ZodNever)) return undefined
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(inner.shape, key))
  const issues = unknown.map((key) => explainUnknown(key, [], schema, optionWording))
  return issues.length === 0 ? undefined : issues.map(({ message }) => `${where}: ${asSentence(message)}`).join('\n')
}

export interface IssueWording {
  /** What a member is called: `option`, `setting`. */
  readonly noun: string
  /** Names beside the schema's own that may stand at the top. */
  readonly alsoKnown?: readonly string[]
}

export function listIssues(error: z.ZodError, schema: z.ZodType, wording: IssueWording): OptionIssue[] {
  const issues = error.issues.flatMap((issue) => explain(issue, [], schema, wording))
  const unknown = new Set(issues.flatMap(({ meant }) => meant ?? []))
  // A misspelled name is one mistake, not an unknown option and a missing one.
  return issues.filter(({ path }) => !unknown.has(path.join('.'))).map(({ path, message }) => ({ path, message: asSentence(message) }))
}

/** `; did you mean "x"?` when something is near enough, else what is known, else an empty string. */
export function suggestion(given: string, known: readonly string[], shown = (name: string) => name): string {
  if (known.length === 0) return ''
  const near = nearest(given, known)
  return near === undefined ? ` (known: ${known.map(shown).join(', ')})` : `; did you mean "${shown(near)}"?`
}

function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const near = closest(given, [...known])
  const shared = [...given].filter((letter) => near.includes(letter)).length
  return shared >= Math.ceil(given.length / 2) ? near : undefined
}

interface Explained extends OptionIssue {
  /** The option that a misspelled one stands for. */
  readonly meant?: string
}

function explain(issue: z.core.$ZodIssue, above: readonly string[], schema: z.ZodType, wording: IssueWording): Explained[] {
  const path = [...above, ...issue.path.map(String)]
  const at = schemaAt(schema, issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => explainUnknown(key, path, at, wording))
  if (issue.code === 'invalid_union') {
    const branch = likelyBranch(issue.errors)
    const branchSchema = at && unwrap(at)
    if (branch !== undefined && branchSchema instanceof z.ZodUnion)
      return (issue.errors[branch] ?? []).flatMap((inner) => explain(inner, path, branchSchema.options[branch] as z.ZodType, wording))
    const expected = issue.errors.flatMap((errors) => errors.flatMap(expectedBy))
    return [{ path, message: `${wording.noun} "${path.join('.')}": expected ${[...new Set(expected)].join(' or ') || 'another value'}` }]
  }
  const what = path.length > 0 ? `${wording.noun} "${path.join('.')}"` : `${wording.noun}s`
  return [{ path, message: `${what}: ${issue.message.replace(/^Invalid (input|option): /, '')}` }]
}

function expectedBy(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map((value) => (typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value))))
  return issue.code === 'invalid_type' ? [issue.expected] : []
}

function asSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}

function explainUnknown(key: string, path: readonly string[], schema: z.ZodType | undefined, wording: IssueWording): Explained {
  const known = [...(path.length === 0 ? (wording.alsoKnown ?? []) : []), ...optionNames(schema)]
  const near = nearest(key, known)
  return {
    path: [...path, key],
    message: `unknown ${wording.noun} "${[...path, key].join('.')}"${suggestion(key, known)}`,
    ...(near !== undefined && { meant: [...path, near].join('.') }),
  }
}

/** The branch of a union that the value was most likely meant for: of its own type, with the fewest problems. */
function likelyBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): number | undefined {
  const candidates = branches
    .map((issues, index) => ({ issues, index }))
    .filter(({ issues }) => !issues.some((issue) => issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')))
  return candidates.sort((a, b) => a.issues.length - b.issues.length)[0]?.index
}

function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = schema
  for (const name of path) {
    const inner: z.ZodType | undefined = at && unwrap(at)
    if (inner instanceof z.ZodObject) at = inner.shape[String(name)] as z.ZodType | undefined
    else if (inner instanceof z.ZodArray) at = inner.element as z.ZodType
    else if (inner instanceof z.ZodRecord) at = inner.valueType as z.ZodType
    else return undefined
  }
  return at
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType)
  const isWrapper = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly
  return isWrapper ? unwrap(schema.unwrap() as z.ZodType) : schema
}

function optionNames(schema: z.ZodType | undefined): string[] {
  const inner = schema && unwrap(schema)
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
}
