import { expect, it } from 'vitest'
import { builtInCommands } from '../../../core/cli/built-in-commands.ts'
import { parseArguments } from '../../../core/cli/parse-arguments.ts'

it.each([['007'], ['0x10'], ['1e5'], ['12345678901234567890']])('keeps the id %s as it was typed', (id) => {
  expect(parseArguments(['requests', '--id', id], builtInCommands).options.id).toBe(id)
  expect(parseArguments(['requests', `--id=${id}`], builtInCommands).options.id).toBe(id)
})

it('reads numbers as numbers', () => {
  expect(parseArguments(['requests', '--limit', '5'], builtInCommands).options.limit).toBe(5)
})
