export interface TableColumn {
  readonly title: string
  /** `left` when absent. */
  readonly align?: 'left' | 'right'
}

/** Lines up cells in columns, two spaces apart; a footer stands below a rule. */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], footer?: readonly string[]): string {
  const header = columns.map(({ title }) => title)
  const widths = columns.map((_column, index) => Math.max(...[header, ...rows, ...(footer ? [footer] : [])].map((row) => displayWidth(row[index] ?? ''))))
  const line = (row: readonly string[]) =>
    columns
      .map(({ align }, index) => pad(row[index] ?? '', widths[index] ?? 0, align ?? 'left'))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [line(header), rule, ...rows.map(line), ...(footer ? [rule, line(footer)] : [])].join('\n')
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const filler = ' '.repeat(width - displayWidth(text))
  return align === 'right' ? filler + text : text + filler
}

function displayWidth(text: string): number {
  return [...text].length
}
