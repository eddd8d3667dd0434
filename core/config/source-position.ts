import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, resolve } from 'node:path'
import type { Bundle } from './bundle.ts'
import { readLines } from './config-error.ts'
import { bundleName } from './run-bundle.ts'

export interface SourcePosition {
  readonly file: string
  /** Counts from 1. */
  readonly line: number
  /** Counts from 1. */
  readonly column: number
}

/** Where in the user's own files an error was thrown; undefined when its stack names none of them. */
export function positionOf(error: unknown, path: string, bundle: Bundle): SourcePosition | undefined {
  const stack = stackOf(error)
  const frames = framesOf(stack, bundleName(path))
  // With --enable-source-maps Node has mapped the stack already.
  if (frames.length === 0) return bundle.files.flatMap((file) => framesOf(stack, file).map((frame) => ({ file, ...frame })))[0]
  const map = readSourceMap(bundle.code)
  for (const { line, column } of frames) {
    const entry = map?.findEntry(line - 1, column - 1)
    if (!entry || !('originalSource' in entry)) continue
    const file = resolve(dirname(path), entry.originalSource)
    if (bundle.files.includes(file)) return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 }
  }
  return undefined
}

/** The import of a package that failed while it was loaded: such an error has no frame of the configuration itself. */
export function failedImport(error: unknown, bundle: Bundle): (SourcePosition & { readonly specifier: string }) | undefined {
  const stack = stackOf(error)
  const failed = [...bundle.packages].find(([path]) => stack.includes(path))?.[1]
  return failed && { ...findWord(failed.importer, [failed.specifier]), specifier: failed.specifier }
}

/** Inside of a call, the place of the member with this name; the call's own place when it is not there. */
export function findMember(call: SourcePosition, name: string): SourcePosition {
  const lines = readLines(call.file)
  const pattern = new RegExp(`(?<![\\w$])${escapePattern(name)}['"]?\\s*:`)
  let depth = 0
  for (let index = call.line - 1; index < lines.length; index++) {
    const from = index === call.line - 1 ? call.column - 1 : 0
    const text = (lines[index] ?? '').slice(from)
    const found = text.search(pattern)
    if (found >= 0) return { file: call.file, line: index + 1, column: from + found + 1 }
    depth += text.split(/[([{]/).length - text.split(/[)\]}]/).length
    if (depth <= 0) return call
  }
  return call
}

/** The first place of the first word that stands in a file outside of its import statements; the default export when none does. */
export function findWord(file: string, words: readonly string[]): SourcePosition {
  const lines = readLines(file)
  const start = Math.max(
    lines.findIndex((line) => /^\s*export default\b|\bmodule\.exports\b/.test(line)),
    0,
  )
  for (const word of words) {
    const pattern = new RegExp(`(?<![\\w$])${escapePattern(word)}(?![\\w$])`)
    for (const from of [start, 0]) {
      const index = lines.findIndex((line, at) => at >= from && pattern.test(line) && (from === 0 || !line.trimStart().startsWith('//')))
      if (index >= 0) return { file, line: index + 1, column: (lines[index]?.search(pattern) ?? 0) + 1 }
    }
  }
  return { file, line: start + 1, column: 1 }
}

function framesOf(stack: string, name: string): { readonly line: number; readonly column: number }[] {
  const frames: { line: number; column: number }[] = []
  for (let at = stack.indexOf(`${name}:`); at >= 0; at = stack.indexOf(`${name}:`, at + 1)) {
    const found = /^(\d+)(?::(\d+))?/.exec(stack.slice(at + name.length + 1))
    if (found) frames.push({ line: Number(found[1]), column: Number(found[2] ?? 1) })
  }
  return frames
}

function readSourceMap(code: string): SourceMap | undefined {
  const encoded = /\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(code)?.[1]
  return encoded === undefined ? undefined : new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as SourceMapPayload)
}

function stackOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'stack' in error && typeof error.stack === 'string' ? error.stack : ''
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
