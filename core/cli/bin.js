#!/usr/bin/env node
// Plain JavaScript that any Node parses: it has to tell people with an old one what is wrong.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const misconfigured = 78

/** From these versions on `require` takes ES modules, which configurations rest on; the odd-numbered line between them never got it. */
function isSupported(major, minor) {
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
}

async function run() {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  // Only a clone has the sources' tsconfig.json; the published package holds dist and is never built.
  if (existsSync(`${root}tsconfig.json`)) {
    const { buildWhenStale } = await import('../../packaging/build.mjs')
    await buildWhenStale({ root, log: (line) => process.stderr.write(`${line}\n`) }).catch((error) => fail(error.message))
  }
  const { main } = await import('../../dist/core/cli/main.js')
  await main()
}

function fail(message) {
  process.stderr.write(`tokligence: ${message}\n`)
  process.exit(misconfigured)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (isSupported(major, minor)) {
  run()
} else {
  fail(`Node.js 20.19, 22.12 or newer is needed, and this is ${process.versions.node} (${process.execPath}). Get one from https://nodejs.org/.`)
}
