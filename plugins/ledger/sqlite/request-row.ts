import type { Json, Loss, RequestRecord, Usage } from 'tokligence'
import { type Column, marksFor, microseconds, namesOf, usageColumns } from './columns.ts'

export const requestColumns: readonly Column<RequestRecord>[] = [
  ['id', (record) => record.id],
  ['request_id', (record) => record.requestId],
  ['started_at', (record) => record.startedAt],
  ['principal', (record) => record.principal ?? null],
  ['protocol', (record) => record.protocol],
  ['operation', (record) => record.operation],
  ['stream', (record) => (record.stream ? 1 : 0)],
  ['model', (record) => record.model ?? null],
  ['provider', (record) => record.provider ?? null],
  ['upstream_model', (record) => record.upstreamModel ?? null],
  ['upstream_protocol', (record) => record.upstreamProtocol ?? null],
  ['path', (record) => record.path ?? null],
  ['status', (record) => record.status],
  ['ending', (record) => record.ending],
  ['error_code', (record) => record.errorCode ?? null],
  ['finish', (record) => record.finish ?? null],
  ['vendor_request_id', (record) => record.vendorRequestId ?? null],
  ['reply_id', (record) => record.replyId ?? null],
  ['attempts', (record) => record.attempts],
  ['time_to_first_byte_us', (record) => microseconds(record.timeToFirstByte)],
  ['duration_us', (record) => microseconds(record.duration)],
  ...usageColumns,
  ['usage_raw', ({ usage }) => (usage?.raw === undefined ? null : JSON.stringify(usage.raw))],
  ['losses', (record) => (record.losses.length === 0 ? '[]' : JSON.stringify(record.losses))],
  ['cost', (record) => record.cost ?? null],
  ['currency', (record) => record.currency ?? null],
  ['price_source', (record) => record.priceSource ?? null],
]

export const insertRequest = `INSERT INTO requests (${namesOf(requestColumns)}) VALUES (${marksFor(requestColumns)}) ON CONFLICT (id) DO NOTHING`

/** A row of `requests` as SQLite gives it. */
export interface RequestRow {
  readonly id: string
  readonly request_id: string
  readonly started_at: number
  readonly principal: string | null
  readonly protocol: string
  readonly operation: string
  readonly stream: number
  readonly model: string | null
  readonly provider: string | null
  readonly upstream_model: string | null
  readonly upstream_protocol: string | null
  readonly path: NonNullable<RequestRecord['path']> | null
  readonly status: number
  readonly ending: RequestRecord['ending']
  readonly error_code: string | null
  readonly finish: string | null
  readonly vendor_request_id: string | null
  readonly reply_id: string | null
  readonly attempts: number
  readonly time_to_first_byte_us: number | null
  readonly duration_us: number | null
  readonly input_uncached: number | null
  readonly cache_read: number | null
  readonly cache_write: number | null
  readonly cache_write_long: number | null
  readonly output: number | null
  readonly reasoning: number | null
  readonly usage_source: Usage['source'] | null
  readonly usage_raw: string | null
  readonly losses: string
  readonly cost: number | null
  readonly currency: string | null
  readonly price_source: string | null
}

export function readRequest(row: RequestRow): RequestRecord {
  const usage = readUsage(row)
  return {
    id: row.id,
    requestId: row.request_id,
    startedAt: row.started_at,
    protocol: row.protocol,
    operation: row.operation,
    stream: row.stream === 1,
    status: row.status,
    ending: row.ending,
    attempts: row.attempts,
    // Only recovery leaves it open: nobody measured how long an interrupted request took.
    duration: (row.duration_us ?? 0) / 1_000,
    losses: JSON.parse(row.losses) as readonly Loss[],
    ...known({
      principal: row.principal,
      model: row.model,
      provider: row.provider,
      upstreamModel: row.upstream_model,
      upstreamProtocol: row.upstream_protocol,
      path: row.path,
      errorCode: row.error_code,
      finish: row.finish,
      vendorRequestId: row.vendor_request_id,
      replyId: row.reply_id,
      timeToFirstByte: row.time_to_first_byte_us === null ? null : row.time_to_first_byte_us / 1_000,
      cost: row.cost,
      currency: row.currency,
      priceSource: row.price_source,
    }),
    ...(usage && { usage }),
  }
}

function readUsage(row: RequestRow): Usage | undefined {
  if (row.usage_source === null) return undefined
  return {
    ...known({
      inputUncached: row.input_uncached,
      cacheRead: row.cache_read,
      cacheWrite: row.cache_write,
      cacheWriteLong: row.cache_write_long,
      output: row.output,
      reasoning: row.reasoning,
    }),
    source: row.usage_source,
    ...(row.usage_raw !== null && { raw: JSON.parse(row.usage_raw) as Json }),
  }
}

/** Leaves out what is NULL. */
function known<Values extends object>(values: Values): { [Name in keyof Values]?: NonNullable<Values[Name]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as { [Name in keyof Values]?: NonNullable<Values[Name]> }
}
