import { statSync } from 'node:fs'
import { watch } from 'chokidar'

export interface FileWatch {
  /** From now on these files, and no others. */
  follow(paths: readonly string[]): void
  close(): Promise<void>
}

/** Milliseconds without another change before one is told: editors save in several steps. */
const settleTime = 100

/** Milliseconds between two looks for files that do not exist. A folder that could be watched instead may itself come and go. */
const absentTime = 250

export interface FileWatchEvents {
  onChange(paths: readonly string[]): void
  /** Something cannot be watched, for instance because the system's limit is reached. */
  onError(error: unknown): void
}

/** Tells of changed, appearing and vanishing files, those that do not exist yet included. Resolves when it watches. */
export async function watchFiles(paths: readonly string[], events: FileWatchEvents): Promise<FileWatch> {
  /** What each file was when it was last looked at; undefined while it does not exist. */
  const followed = new Map<string, string | undefined>()
  const suspects = new Set<string>()
  let settling: NodeJS.Timeout | undefined
  const watcher = watch([])
  watcher.on('error', (error) => events.onError(error))

  const suspect = (path: string) => {
    if (!followed.has(path)) return
    suspects.add(path)
    clearTimeout(settling)
    settling = setTimeout(settle, settleTime)
  }
  watcher.on('all', (_event, path) => suspect(path))
  watcher.on('raw', (_event, _name, details) => suspect((details as { readonly watchedPath: string }).watchedPath))

  // chokidar ignores what happens within 5 ms of another event (`_throttle` in its handler.js): a file that is replaced just then stays
  // watched where nothing will happen again. So it is watched anew after each change, and reported as added when it is: `suspect` then finds
  // what changed since this look.
  const look = (path: string) => {
    const version = versionOf(path)
    followed.set(path, version)
    watcher.unwatch(path)
    if (version !== undefined) watcher.add(path)
  }

  const settle = () => {
    const changed = [...suspects].filter((path) => followed.has(path) && versionOf(path) !== followed.get(path))
    suspects.clear()
    changed.forEach(look)
    if (changed.length > 0) events.onChange(changed)
  }

  const absent = setInterval(() => {
    for (const [path, version] of followed) if (version === undefined && versionOf(path) !== undefined) suspect(path)
  }, absentTime)

  paths.forEach(look)
  if ([...followed.values()].some((version) => version !== undefined)) await new Promise<void>((resolve) => watcher.once('ready', resolve))
  return {
    follow(next) {
      const wanted = new Set(next)
      for (const path of followed.keys()) {
        if (wanted.has(path)) continue
        watcher.unwatch(path)
        followed.delete(path)
      }
      for (const path of wanted) if (!followed.has(path)) look(path)
    },
    async close() {
      clearTimeout(settling)
      clearInterval(absent)
      await watcher.close()
    },
  }
}

/** Another text after every change and replacement of the file, following links; undefined while there is none that can be looked at. */
function versionOf(path: string): string | undefined {
  try {
    const { ino, mtimeNs, size } = statSync(path, { bigint: true })
    return `${ino} ${mtimeNs} ${size}`
  } catch {
    return undefined
  }
}
