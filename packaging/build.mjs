import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { withLock } from './build-lock.mjs'
import { sourceFingerprint } from './source-fingerprint.mjs'

const fixedEntries = ['core/index.ts', 'core/cli/main.ts', 'core/testing/index.ts', 'plugins/index.ts']

/** Where the fingerprint of the sources that `dist` was built from is kept. */
const stampOf = (root) => join(root, 'dist', '.sources')

const lockOf = (root) => join(root, 'dist', '.lock')

/** True when `dist` was built from the sources as they are now. */
export function isFresh(root) {
  return existsSync(stampOf(root)) && readFileSync(stampOf(root), 'utf8') === sourceFingerprint(root)
}

/**
 * Builds `dist` unless it is fresh, one process at a time. `log` is told one line when there is something to do.
 * Rejects with an error whose message is meant to be read by people.
 */
export async function buildWhenStale({ root, log }) {
  if (isFresh(root)) return
  const waiting = () => log('Waiting for another process that is building tokligence …')
  await withLock(lockOf(root), () => (isFresh(root) ? undefined : build({ root, log, keepChunks: true })), waiting)
}

/**
 * Bundles the JavaScript of the package into `dist`. Packages stay imports, `tokligence` itself among them, which Node resolves by self-reference.
 * `keepChunks` leaves the chunks of earlier builds where they are: a gateway that was started from them may still import one.
 */
export async function build({ root, log, keepChunks = false }) {
  const esbuild = await loadEsbuild()
  // Taken before the sources are read: a change during the build leaves `dist` stale, not wrongly fresh.
  const fingerprint = sourceFingerprint(root)
  log('Building tokligence from its sources …')
  rmSync(stampOf(root), { force: true })
  const { metafile } = await bundle(esbuild, root)
  removeLeftovers(root, Object.keys(metafile.outputs), { keepChunks })
  writeFileSync(stampOf(root), fingerprint)
}

/** Builds, stale or not, and leaves nothing of earlier builds. */
export function rebuild({ root, log }) {
  return withLock(lockOf(root), () => build({ root, log }))
}

async function loadEsbuild() {
  try {
    return await import('esbuild')
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') throw new Error('The dependencies are not installed; run "npm ci" first.')
    throw error
  }
}

async function bundle(esbuild, root) {
  const options = {
    absWorkingDir: root,
    entryPoints: entryPoints(root),
    outbase: '.',
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'linked',
    // The sources are published beside dist, so the maps need not repeat them.
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
  }
  const result = await esbuild.build(options).catch((error) => error)
  const problems = [...(result.errors ?? []), ...(result.warnings ?? [])]
  if (problems.length > 0) {
    const messages = await esbuild.formatMessages(problems, { kind: 'error', color: process.stderr.isTTY === true })
    throw new Error(`The build failed.\n${messages.join('').trimEnd()}`)
  }
  if (result instanceof Error) throw result
  return result
}

function entryPoints(root) {
  const plugins = readdirSync(join(root, 'plugins'), { recursive: true }).map((path) => `plugins/${path.split(sep).join('/')}`)
  return [...fixedEntries, ...plugins.filter((path) => /^plugins\/[^/]+\/[^/]+\/index\.ts$/.test(path)).sort()]
}

/** Deletes what earlier builds wrote and this one did not. Declarations are written by tsc and stay. */
function removeLeftovers(root, outputs, { keepChunks }) {
  for (const entry of readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name)).split(sep).join('/')
    const isOurs = entry.isFile() && /\.js(\.map)?$/.test(path) && !(keepChunks && path.startsWith('dist/chunks/'))
    if (isOurs && !outputs.includes(path)) rmSync(join(root, path))
  }
}
