import type { UsageQuery, UsageRow } from '../../contracts/ledger.ts'
import { withAssembled } from '../assemble.ts'
import { type CommandContext, textOption } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { ledgerOf } from '../ledger-of.ts'
import { formatMicroUnits } from '../micro-units.ts'
import { parseSince } from '../since.ts'
import { formatTable, type TableColumn } from '../table.ts'
import { UsageError } from '../usage-error.ts'

const groups = ['model', 'provider', 'principal', 'day'] as const

export async function usage(context: CommandContext): Promise<number> {
  const { io, options } = context
  const query = readQuery(context)
  const rows = await withAssembled(context, async (gateway) => ledgerOf(gateway).usage(query))
  const total = sum(rows)
  if (options.json === true) io.stdout.write(`${JSON.stringify({ ...query, rows, total }, undefined, 2)}\n`)
  else io.stdout.write(rows.length === 0 ? 'Nothing is recorded for this time.\n' : `${format(query, rows, total)}\n`)
  return exitCodes.ok
}

function readQuery({ options }: CommandContext): UsageQuery {
  const by = textOption(options, 'by') ?? 'model'
  const groupBy = groups.find((group) => group === by)
  if (groupBy === undefined) throw new UsageError(`--by takes ${groups.join(', ')}, not "${by}".`)
  const since = textOption(options, 'since')
  return { groupBy, ...(since !== undefined && { since: parseSince(since, Date.now()) }) }
}

type Sums = Omit<UsageRow, 'group'>

function sum(rows: readonly UsageRow[]): Sums {
  const none: Sums = { requests: 0, failed: 0, estimated: 0, inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, cost: null, unpriced: 0 }
  return rows.reduce<Sums>(
    (total, row) => ({
      requests: total.requests + row.requests,
      failed: total.failed + row.failed,
      estimated: total.estimated + row.estimated,
      inputUncached: total.inputUncached + row.inputUncached,
      cacheRead: total.cacheRead + row.cacheRead,
      cacheWrite: total.cacheWrite + row.cacheWrite,
      output: total.output + row.output,
      reasoning: total.reasoning + row.reasoning,
      cost: row.cost === null ? total.cost : (total.cost ?? 0) + row.cost,
      unpriced: total.unpriced + row.unpriced,
    }),
    none,
  )
}

const counted = ['requests', 'failed', 'estimated', 'input (uncached)', 'cache read', 'cache write', 'output', 'reasoning', 'cost'] as const

function format(query: UsageQuery, rows: readonly UsageRow[], total: Sums): string {
  const columns: TableColumn[] = [{ title: query.groupBy }, ...counted.map((title) => ({ title, align: 'right' as const }))]
  const table = formatTable(
    columns,
    rows.map((row) => [row.group.trim() === '' ? '(none)' : row.group, ...cells(row)]),
    ['total', ...cells(total)],
  )
  const since = query.since === undefined ? 'Everything recorded' : `Since ${new Date(query.since).toISOString()}`
  const unpriced =
    total.unpriced > 0 ? `\n${total.unpriced} of ${total.requests} requests are not part of the cost: no price is known for them, or they were refused.` : ''
  return `${since}; tokens, of which reasoning is part of the output.\n\n${table}${unpriced}`
}

function cells(row: Sums): string[] {
  const figures = [row.requests, row.failed, row.estimated, row.inputUncached, row.cacheRead, row.cacheWrite, row.output, row.reasoning]
  return [...figures.map(String), row.cost === null ? '-' : formatMicroUnits(row.cost)]
}
