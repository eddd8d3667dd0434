import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { root } from '../source-files.ts'
import { run } from './run.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the packed package. */
    readonly tarball: string
    /** Files in it, relative to the package. */
    readonly packed: readonly string[]
    /** A stranger's project that has the package installed and nothing else. */
    readonly project: string
  }
}

/** Packs the package as it is published, which builds it, and installs the tarball into an empty project. Once for all files of the suite. */
export default async function installTarball({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'tokligence-package-'))
  const project = join(folder, 'project')
  mkdirSync(project)
  const packing = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root })
  const [report] = JSON.parse(packing.stdout.slice(packing.stdout.indexOf('['))) as [{ filename: string; files: { path: string }[] }]
  const tarball = join(folder, report.filename)

  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project-of-a-stranger', private: true, type: 'module' }))
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], { cwd: project })
  await provideNativeModule(project)

  provide('tarball', tarball)
  provide('packed', report.files.map((file) => file.path).sort())
  provide('project', project)
  return () => rmSync(folder, { recursive: true, force: true })
}

/** Compiling the native module takes a minute; the one that `npm ci` made here is taken when it is of the same version. */
async function provideNativeModule(project: string): Promise<void> {
  const here = join(root, 'node_modules/better-sqlite3')
  const there = join(project, 'node_modules/better-sqlite3')
  if (existsSync(join(here, 'build/Release')) && versionOf(here) === versionOf(there)) {
    cpSync(join(here, 'build'), join(there, 'build'), { recursive: true })
  } else {
    console.info('The native module of this checkout cannot be used again; it is built anew.')
    await run('npm', ['rebuild', 'better-sqlite3'], { cwd: project })
  }
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}
