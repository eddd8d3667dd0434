import { describe, expect, it } from 'vitest'
import { PatternTable } from '../../../../plugins/router/model-routes/pattern-table.ts'

const find = (patterns: readonly string[], name: string) => new PatternTable(patterns.map((pattern) => [pattern, pattern] as const)).find(name)

describe('a table of name patterns', () => {
  it.each([
    ['a*', 'a', true],
    ['a*', 'abc', true],
    ['a*', 'ba', false],
    ['*c', 'abc', true],
    ['*c', 'cb', false],
    ['a*c', 'ac', true],
    ['a*c', 'abbc', true],
    ['a*a', 'a', false],
    ['*b*', 'abc', true],
    ['*b*', 'b', true],
    ['*b*', 'ac', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'acb', false],
    ['a*bc*bc', 'abc', false],
    ['a**c', 'abc', true],
    ['*', '', true],
    ['gpt.4', 'gptx4', false],
  ])('matches %s against "%s": %s', (pattern, name, matches) => {
    expect(find([pattern], name)).toBe(matches ? pattern : undefined)
  })

  it('prefers an exact name, then more literal characters, then the earlier declaration', () => {
    expect(find(['*', 'gpt-*', 'gpt-4*', 'gpt-4'], 'gpt-4')).toBe('gpt-4')
    expect(find(['*', 'gpt-*', 'gpt-4*', 'gpt-4'], 'gpt-4o')).toBe('gpt-4*')
    expect(find(['*', 'gpt-*', 'gpt-4*', 'gpt-4'], 'gpt-5')).toBe('gpt-*')
    expect(find(['g*4', '*-4', 'gp*'], 'gp-4')).toBe('g*4')
    expect(find(['*-4', 'g*4', 'gp*'], 'gp-4')).toBe('*-4')
  })

  it('does not mind case on either side', () => {
    expect(find(['Claude-*'], 'CLAUDE-x')).toBe('Claude-*')
    expect(find(['Fast'], 'fAST')).toBe('Fast')
  })

  it('answers the same for a name that it has seen, known or not, however many others came between', () => {
    const table = new PatternTable([['a*', 1] as const])
    for (let round = 0; round < 3; round++) {
      expect([table.find('abc'), table.find('xyz')]).toEqual([1, undefined])
      for (let index = 0; index < 1_000; index++) expect(table.find(`a-${index}`)).toBe(1)
    }
  })

  it('finds values that are false', () => {
    expect(new PatternTable([['x', 0] as const]).find('x')).toBe(0)
  })

  it('takes no longer for a name made to slow it down', () => {
    const table = new PatternTable([['*a*a*a*a*a*a*a*a*a*b', true] as const])
    const started = performance.now()
    expect(table.find('a'.repeat(200_000))).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(500)
  })
})
