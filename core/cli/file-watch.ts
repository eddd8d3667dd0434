import { watch } from 'chokidar'

export interface FileWatch {
  /** From now on these files, and no others. */
  follow(paths: readonly string[]): void
  close(): Promise<void>
}

/** Milliseconds without another change before one is told: editors save in several steps. */
const settleTime = 100

export interface FileWatchEvents {
  onChange(paths: readonly string[]): void
  /** Something cannot be watched, for instance because the system's limit is reached. */
  onError(error: unknown): void
}

/** Tells of changed, appearing and vanishing files, those that do not exist yet included. Resolves when it watches. */
export async function watchFiles(paths: readonly string[], events: FileWatchEvents): Promise<FileWatch> {
  let followed = new Set(paths)
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const watcher = watch([...followed], { ignoreInitial: true })
  watcher.on('error', (error) => events.onError(error))
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  watcher.on('all', (event, path) => {
    if (!followed.has(path)) return
    // It stops watching a file that vanishes; one that is added while it is absent is noticed when it is back.
    if (event === 'unlink') watcher.add(path)
    changed.add(path)
    clearTimeout(timer)
    timer = setTimeout(() => {
      const settled = [...changed]
      changed.clear()
      events.onChange(settled)
    }, settleTime)
  })
  return {
    follow(next) {
      const wanted = new Set(next)
      watcher.unwatch([...followed].filter((path) => !wanted.has(path)))
      watcher.add([...wanted].filter((path) => !followed.has(path)))
      followed = wanted
    },
    async close() {
      clearTimeout(timer)
      await watcher.close()
    },
  }
}
