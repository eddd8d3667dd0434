import type { RecordQuery } from '../../contracts/ledger.ts'
import { withAssembled } from '../assemble.ts'
import { type CommandContext, textOption } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatRequest, formatRequests } from '../format-requests.ts'
import { ledgerOf } from '../ledger-of.ts'
import { parseSince } from '../since.ts'
import { UsageError } from '../usage-error.ts'

export async function requests(context: CommandContext): Promise<number> {
  const { io, options } = context
  const query = readQuery(context)
  const records = await withAssembled(context, async (gateway) => ledgerOf(gateway).requests(query))
  if (options.json === true) io.stdout.write(`${JSON.stringify({ ...query, requests: records }, undefined, 2)}\n`)
  else if (query.id === undefined) io.stdout.write(records.length === 0 ? 'Nothing is recorded for this time.\n' : `${formatRequests(records)}\n`)
  else if (records.length > 0) io.stdout.write(`${records.map(formatRequest).join('\n\n')}\n`)
  else io.stderr.write(`No request with the id "${query.id}" is recorded${query.since === undefined ? '' : ' for this time'}.\n`)
  return query.id !== undefined && records.length === 0 ? exitCodes.failure : exitCodes.ok
}

const largestLimit = 1_000

function readQuery({ options }: CommandContext): RecordQuery {
  const [id, since, limit] = [textOption(options, 'id'), textOption(options, 'since'), Number(options.limit)]
  if (!Number.isInteger(limit) || limit < 1 || limit > largestLimit)
    throw new UsageError(`--limit takes a number from 1 to ${largestLimit}, not "${String(options.limit)}".`)
  return { ...(id !== undefined && { id }), ...(since !== undefined && { since: parseSince(since, Date.now()) }), limit }
}
