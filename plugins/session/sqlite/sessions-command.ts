import { existsSync } from 'node:fs'
import { formatTable, type PluginCommand } from 'tokligence'
import type { PrincipalShare, SqliteSessionStore } from './store.ts'

/** Of BSD's sysexits.h, as for the program's own commands. */
const wrongUsage = 64

interface Line {
  readonly arguments: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/** `tokligence sessions`: what is kept of whom, and its erasure. A file that is not there is not made. */
export function sessionsCommand(path: string, open: () => SqliteSessionStore): PluginCommand {
  return {
    name: 'sessions',
    description: 'Show how much is remembered of each principal, or erase it',
    options: [
      { flags: '--erase <principal>', description: 'Erase everything of this principal' },
      { flags: '--erase-unnamed', description: 'Erase everything of callers without a name' },
      { flags: '--json', description: 'Print JSON' },
    ],
    async run(line) {
      const wrong = faultOf(line)
      if (wrong !== undefined) {
        process.stderr.write(`${wrong}\n`)
        return wrongUsage
      }
      const { options } = line
      const store = existsSync(path) ? open() : undefined
      const isErasure = options.erase !== undefined || options.eraseUnnamed === true
      process.stdout.write(isErasure ? await erase(store, options) : show(path, (await store?.shares()) ?? [], options))
      return 0
    },
  }
}

function faultOf({ arguments: words, options }: Line): string | undefined {
  if (words.length > 0) return `There is too much on the line: ${words.join(' ')}. A principal is erased with --erase <principal>.`
  if (options.erase !== undefined && options.eraseUnnamed === true) return 'Of --erase and --erase-unnamed only one can be given.'
  return undefined
}

async function erase(store: SqliteSessionStore | undefined, options: Line['options']): Promise<string> {
  const principal = options.erase === undefined ? undefined : String(options.erase)
  const erased = (await store?.erase(principal)) ?? 0
  if (options.json === true) return `${JSON.stringify({ principal: principal ?? null, erased }, undefined, 2)}\n`
  return `${erased} ${erased === 1 ? 'entry' : 'entries'} of ${principal === undefined ? 'callers without a name' : `"${principal}"`} erased.\n`
}

function show(path: string, shares: readonly PrincipalShare[], options: Line['options']): string {
  const total = {
    entries: shares.reduce((sum, { entries }) => sum + entries, 0),
    bytes: shares.reduce((sum, { bytes }) => sum + bytes, 0),
  }
  if (options.json === true) return `${JSON.stringify({ path, principals: shares, total }, undefined, 2)}\n`
  if (shares.length === 0) return `Nothing is remembered in ${path}.\n`
  const table = formatTable(
    [{ title: 'principal' }, { title: 'entries', align: 'right' }, { title: 'bytes', align: 'right' }],
    shares.map(({ principal, entries, bytes }) => [principal ?? '(no name)', String(entries), String(bytes)]),
    ['total', String(total.entries), String(total.bytes)],
  )
  return `Remembered in ${path}; bytes as they count towards the cap.\n\n${table}\n`
}
