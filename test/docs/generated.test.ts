import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorTable, hookTable } from 'tokligence'
import { expect, it } from 'vitest'

const page = (name: string) => readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8')

it('lists every error code with its status and meaning in docs/errors.md, and no other', () => {
  const rows = [...page('errors.md').matchAll(/^\| `(TKL_\w+)` \| (\d+) \| ([\w-]+) \| (.*) \|$/gm)].map(([, code, status, kind, meaning]) => ({
    code,
    status: Number(status),
    kind,
    meaning,
  }))
  expect(rows).toEqual(Object.entries(errorTable).map(([code, definition]) => ({ code, ...definition })))
})

it('lists every hook in order in docs/hooks.md, with what happens when it fails, and no other', () => {
  const rows = [...page('hooks.md').matchAll(/^\| \d+ \| (\w+) \| `(\w+)\(([^)]*)\)` \| (\w+) \| (\w+) \| ([\w-]+) \|/gm)].map((match) => match.slice(1))
  expect(rows).toEqual(Object.entries(hookTable).map(([name, hook]) => [hook.stage, name, hook.arguments, hook.verb, hook.timing, hook.onFailure]))
})
