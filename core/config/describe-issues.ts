import { closest } from 'fastest-levenshtein'
import { z } from 'zod'

/** One line per problem: what is wrong where, and the nearest option when a name is unknown. */
export function describeIssues(where: string, error: z.ZodError, schema: z.ZodType): string {
  const known = optionNames(schema)
  const lines = error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${where}: unknown option "${path ? `${path}.` : ''}${key}"${path ? '' : suggestion(key, known)}.`)
    return [`${where}: option "${path || '(all)'}": ${issue.message}.`]
  })
  return lines.join('\n')
}

/** ` Did you mean "x"?` when something is near enough, else an empty string. */
export function suggestion(given: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const near = closest(given, [...known])
  return distanceAllows(given, near) ? `; did you mean "${near}"?` : ` (known: ${known.join(', ')})`
}

function distanceAllows(given: string, near: string): boolean {
  const shared = [...given].filter((letter) => near.includes(letter)).length
  return shared >= Math.ceil(given.length / 2)
}

function optionNames(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodObject) return ['id', ...Object.keys(schema.shape)]
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return optionNames(schema.unwrap() as z.ZodType)
  return []
}
