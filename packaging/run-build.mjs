// `npm run build`, without the declarations.
import { fileURLToPath } from 'node:url'
import { rebuild } from './build.mjs'

const log = (line) => process.stderr.write(`${line}\n`)

await rebuild({ root: fileURLToPath(new URL('..', import.meta.url)), log }).catch((error) => {
  log(error.message)
  process.exitCode = 1
})
