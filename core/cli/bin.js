#!/usr/bin/env node
// Plain JavaScript that any Node parses: it has to tell people with an old one what is wrong.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const required = [20, 19]
const misconfigured = 78

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
if (major < required[0] || (major === required[0] && minor < required[1])) {
  fail(`Node.js ${required.join('.')} or newer is needed, and this is ${process.versions.node} (${process.execPath}). Get one from https://nodejs.org/.`)
} else {
  run()
}
