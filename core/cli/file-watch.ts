import { watch } from 'chokidar'

export interface FileWatch {
  /** From now on these files, and no others. */
  follow(paths: readonly string[]): void
  close(): Promise<void>
}

/** Milliseconds without another change before one is told: editors save in several steps. */
const settleTime = 100

/** Tells of changed, appearing and vanishing files, those that do not exist yet included. Resolves when it watches. */
export async function watchFiles(paths: readonly string[], onChange: (paths: readonly string[]) => void): Promise<FileWatch> {
  let followed = new Set(paths)
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const watcher = watch([...followed], { ignoreInitial: true })
  watcher.on('all', (_event, path) => {
    if (!followed.has(path)) return
    changed.add(path)
    clearTimeout(timer)
    timer = setTimeout(() => {
      const settled = [...changed]
      changed.clear()
      onChange(settled)
    }, settleTime)
  })
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
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
