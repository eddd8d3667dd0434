import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { watch } from 'chokidar'

export interface FileWatch {
  /** From now on these files, and no others. */
  follow(paths: readonly string[]): void
  close(): Promise<void>
}

/** Milliseconds without another change before one is told: editors save in several steps. */
const settleTime = 100

/** Milliseconds between two looks for a folder that vanished together with a followed file. */
const folderTime = 500

export interface FileWatchEvents {
  onChange(paths: readonly string[]): void
  /** Something cannot be watched, for instance because the system's limit is reached. */
  onError(error: unknown): void
}

/** Tells of changed, appearing and vanishing files, those that do not exist yet included. Resolves when it watches. */
export async function watchFiles(paths: readonly string[], events: FileWatchEvents): Promise<FileWatch> {
  let followed = new Set(paths)
  const changed = new Set<string>()
  const vanished = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const watcher = watch([...followed], { ignoreInitial: true })
  watcher.on('error', (error) => events.onError(error))
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  watcher.on('all', (event, path) => {
    if (!followed.has(path)) return
    if (event === 'unlink') vanished.add(path)
    changed.add(path)
    tellAfter(settleTime)
  })
  const tellAfter = (time: number) => {
    clearTimeout(timer)
    timer = setTimeout(tell, time)
  }
  const tell = () => {
    // chokidar drops a file that vanishes. Added again it is noticed when it is back, as long as its folder is there.
    for (const path of [...vanished].filter((path) => followed.has(path) && existsSync(dirname(path)))) {
      watcher.add(path)
      vanished.delete(path)
      if (existsSync(path)) changed.add(path)
    }
    const settled = [...changed]
    changed.clear()
    if (vanished.size > 0) tellAfter(folderTime)
    if (settled.length > 0) events.onChange(settled)
  }
  return {
    follow(next) {
      const wanted = new Set(next)
      watcher.unwatch([...followed].filter((path) => !wanted.has(path)))
      watcher.add([...wanted].filter((path) => !followed.has(path)))
      followed = wanted
      for (const path of vanished) if (!followed.has(path)) vanished.delete(path)
    },
    async close() {
      clearTimeout(timer)
      await watcher.close()
    },
  }
}
