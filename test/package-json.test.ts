import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read, root } from './source-files.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
  readonly scripts: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, { readonly source: string } | string>>
}

interface LockedPackage {
  readonly version: string
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifest = JSON.parse(read('package.json')) as Manifest
const locked = (JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> }).packages
const installed = Object.entries(locked).filter(([path]) => path !== '')

describe('package.json', () => {
  it('pins every dependency exactly', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(all.filter(([, version]) => !/^(npm:(@[^/]+\/)?[^@]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  it('runs nothing of its own when it is installed', () => {
    expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([])
  })

  it('allows by declaration every install script among its dependencies, so that npm does not warn', () => {
    const scripted = installed.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(scripted.sort()).toEqual(Object.keys(manifest.allowScripts).sort())
  })

  it('points the sources of its exports at files that exist', () => {
    const sources = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [target] : [target.source]))
    expect(sources.filter((path) => !path.includes('*') && !existsSync(join(root, path)))).toEqual([])
  })

  it('declares no script that runs a file which does not exist', () => {
    const paths = Object.values(manifest.scripts).flatMap((command) => command.match(/\S+\/\S+\.(?:js|mjs|json|ts)\b/g) ?? [])
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('has a row in the decision record for every dependency, with its version', () => {
    const record = read('docs/decisions/0002-dependencies.md')
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(all.filter(([name, version]) => !record.includes(`| \`${name}\` | ${version.replace(/^npm:.*@/, '')} |`))).toEqual([])
  })
})

describe('the lock file', () => {
  it('holds the same version as package.json', () => {
    expect(locked['']?.version).toBe(manifest.version)
  })

  it('names no registry of one machine', () => {
    const hosts = installed.flatMap(([, entry]) => (entry.resolved === undefined ? [] : [new URL(entry.resolved).host]))
    expect(hosts.filter((host) => host !== 'registry.npmjs.org')).toEqual([])
  })

  it('has the digest of every package', () => {
    expect(installed.filter(([, entry]) => !entry.integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([])
  })

  it('has an entry for every dependency of every package, those for other systems included, which npm ci insists on', () => {
    const missing = Object.entries(locked).flatMap(([path, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
        .filter((name) => !isReachable(path, name))
        .map((name) => `${path} → ${name}`),
    )
    expect(missing).toEqual([])
  })
})

/** Whether Node would find the package from the folder: in its own node_modules, or in one further up. */
function isReachable(from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (`${folder}${folder === '' ? '' : '/'}node_modules/${name}` in locked) return true
    if (folder === '') return false
  }
}
