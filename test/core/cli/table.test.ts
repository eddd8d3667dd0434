import { describe, expect, it } from 'vitest'
import { formatTable } from '../../../core/cli/table.ts'

describe('a table', () => {
  it('lines up its columns by the widest cell, text to the left and numbers to the right', () => {
    const table = formatTable(
      [{ title: 'name' }, { title: 'sum', align: 'right' }],
      [
        ['a', '1'],
        ['modèle', '1000'],
      ],
      ['total', '1001'],
    )
    expect(table.split('\n')).toEqual(['name     sum', '------  ----', 'a          1', 'modèle  1000', '------  ----', 'total   1001'])
  })
})
