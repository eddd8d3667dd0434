import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Paths of all files below the folders, relative to the root and with `/` on every system. Hidden folders are other tests' own and come and go. */
export function filesBelow(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    if (!existsSync(join(root, folder))) return []
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length).split(sep).join('/'))
      .filter((path) => !path.includes('/.'))
      .sort()
  })
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Lines with code on them: neither blank nor nothing but a comment. */
export function codeLines(source: string): number {
  let inComment = false
  let count = 0
  for (const line of source.split('\n').map((text) => text.trim())) {
    const startedInside = inComment
    if (!inComment && line.startsWith('/*')) inComment = true
    if (line !== '' && !startedInside && !inComment && !line.startsWith('//')) count++
    if (inComment && line.includes('*/')) inComment = false
  }
  return count
}

/** What a file imports or re-exports, as it is spelled there. */
export function importsOf(source: string): string[] {
  const statements = source.matchAll(
    /^(?:import|export)\b[\s\w$*,{}]*\bfrom\s*['"]([^'"\n]+)['"]|^import\s*['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/gm,
  )
  return [...statements].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}
