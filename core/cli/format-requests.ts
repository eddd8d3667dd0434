import type { RequestRecord } from '../contracts/ledger.ts'
import { type Loss, totalInput, type Usage } from '../conversation/index.ts'
import { formatMicroUnits } from './micro-units.ts'
import { formatTable, type TableColumn } from './table.ts'

const columns: readonly TableColumn[] = [
  { title: 'time (UTC)' },
  { title: 'asked in' },
  { title: 'model → answered by' },
  { title: 'status' },
  { title: 'input', align: 'right' },
  { title: 'output', align: 'right' },
  { title: 'losses', align: 'right' },
  { title: 'id' },
]

/** One line per request. */
export function formatRequests(records: readonly RequestRecord[]): string {
  return formatTable(
    columns,
    records.map((record) => [
      timeOf(record).slice(0, 19).replace('T', ' '),
      record.protocol,
      models(record),
      outcome(record),
      figure(record.usage && totalInput(record.usage), record.usage),
      figure(record.usage?.output, record.usage),
      countLosses(record.losses),
      record.id,
    ]),
  )
}

const lossColumns: readonly TableColumn[] = ['path', 'feature', 'action', 'severity', 'detail'].map((title) => ({ title }))
/** Where a loss has a price. */
const pricedColumns: readonly TableColumn[] = [...lossColumns.slice(0, -1), { title: 'tokens', align: 'right' }, ...lossColumns.slice(-1)]

/** Everything that is known of one request, each of its losses in a line. */
export function formatRequest(record: RequestRecord): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['id', record.id],
    ['caller’s id', record.requestId === record.id ? undefined : visible(record.requestId)],
    ['time', timeOf(record)],
    ['principal', record.principal && visible(record.principal)],
    ['asked', `${record.operation} in ${record.protocol}${record.stream ? ', streamed' : ''}`],
    ['model', models(record)],
    ['sent as', record.path && [record.upstreamProtocol, record.path].filter((part) => part !== undefined).join(', ')],
    ['status', [outcome(record), record.finish && `finish ${record.finish}`].filter((part) => part !== undefined).join(', ')],
    ['attempts', String(record.attempts)],
    ['provider’s ids', [record.vendorRequestId, record.replyId].flatMap((id) => (id === undefined ? [] : [visible(id)])).join(', ') || undefined],
    ['first byte', record.timeToFirstByte === undefined ? undefined : milliseconds(record.timeToFirstByte)],
    ['duration', milliseconds(record.duration)],
    ['tokens', record.usage && tokens(record.usage)],
    ['cost', record.cost === undefined ? undefined : `${formatMicroUnits(record.cost)} ${record.currency ?? ''}`.trimEnd()],
    ['losses', countLosses(record.losses)],
  ]
  const lines = facts.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(14)}  ${text}`]))
  if (record.losses.length === 0) return lines.join('\n')
  const priced = record.losses.some((loss) => loss.tokens !== undefined)
  const rows = record.losses.map(({ path, feature, action, severity, tokens: cost, detail }) => {
    const price = priced ? [cost === undefined ? '' : String(cost)] : []
    return [visible(path), feature, action, severity, ...price, visible(detail ?? '')]
  })
  return `${lines.join('\n')}\n\n${formatTable(priced ? pricedColumns : lossColumns, rows)}`
}

function timeOf({ startedAt }: RequestRecord): string {
  return new Date(startedAt).toISOString()
}

function models({ model, provider, upstreamModel }: RequestRecord): string {
  const asked = visible(model ?? '-')
  return provider === undefined ? asked : `${asked} → ${provider}/${visible(upstreamModel ?? '-')}`
}

function outcome({ status, ending, errorCode }: RequestRecord): string {
  return [status, ending, ...(errorCode === undefined ? [] : [errorCode])].join(' ')
}

/** An estimate has a `~`; what is not known is no 0. */
function figure(count: number | undefined, usage: Usage | undefined): string {
  if (count === undefined) return '-'
  return usage?.source === 'estimated' ? `~${count}` : String(count)
}

function tokens(usage: Usage): string {
  const figures: readonly (readonly [string, number | undefined])[] = [
    ['input (uncached)', usage.inputUncached],
    ['cache read', usage.cacheRead],
    ['cache write', usage.cacheWrite],
    ['output', usage.output],
    ['of it reasoning', usage.reasoning],
  ]
  const known = figures.flatMap(([name, count]) => (count === undefined ? [] : [`${name} ${count}`]))
  return `${known.join(', ')}${usage.source === 'estimated' ? ' (estimated)' : ''}`
}

function countLosses(losses: readonly Loss[]): string {
  const semantic = losses.filter(({ severity }) => severity === 'semantic').length
  const cost = losses.reduce((sum, loss) => sum + (loss.tokens ?? 0), 0)
  const said = [...(semantic === 0 ? [] : [`${semantic} semantic`]), ...(cost === 0 ? [] : [`${cost} tokens`])]
  return said.length === 0 ? String(losses.length) : `${losses.length} (${said.join(', ')})`
}

function milliseconds(time: number): string {
  return `${Math.round(time)} ms`
}

const longestText = 200

/** Callers choose names and ids: what could steer a terminal is left out. */
function visible(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, ' ')
  return plain.length > longestText ? `${plain.slice(0, longestText)}…` : plain
}
