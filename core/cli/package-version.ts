import { createRequire } from 'node:module'

/** By the package's own name, because this file's depth differs between the sources and the build. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('tokligence/package.json') as { readonly version: string }
  return version
}
