import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const pollInterval = 50
const patience = 120_000
/** A lock without a pid is being written right now; older than this, its owner died in between. */
const unsignedLifetime = 2_000

/**
 * Runs `work` while no other process on this machine does. The lock is a folder, because making one either succeeds or fails for everybody;
 * it holds its owner's pid, so that the lock of a killed process is taken over.
 */
export async function withLock(path, work, onWait = () => {}) {
  await acquire(path, onWait)
  try {
    return await work()
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

async function acquire(path, onWait) {
  const deadline = Date.now() + patience
  mkdirSync(dirname(path), { recursive: true })
  for (let attempt = 0; !tryAcquire(path); attempt++) {
    const owner = ownerOf(path)
    if (owner === 'dead') {
      discard(path)
      continue
    }
    if (attempt === 0) onWait()
    if (Date.now() > deadline) throw new Error(`Another process has been building for two minutes. If none is, delete ${path} and start again.`)
    await sleep(pollInterval)
  }
}

function tryAcquire(path) {
  try {
    mkdirSync(path)
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  writeFileSync(join(path, 'pid'), String(process.pid))
  return true
}

function ownerOf(path) {
  const pid = Number(readIfThere(join(path, 'pid')))
  if (pid > 0) return isRunning(pid) ? 'alive' : 'dead'
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > unsignedLifetime ? 'dead' : 'alive'
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

/** Renamed before it is deleted: of several processes that find a dead lock, one succeeds. */
function discard(path) {
  const grave = `${path}.${process.pid}`
  try {
    renameSync(path, grave)
  } catch (error) {
    if (error.code === 'ENOENT') return
    throw error
  }
  rmSync(grave, { recursive: true, force: true })
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return ''
    throw error
  }
}
