import { type Fields, objects } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'
import { turnsIn } from './sent-turns.ts'

/** What the model said, be it a turn or an item of one. */
function isSaid({ role, type }: Fields): boolean {
  return role === 'assistant' || role === 'model' || (role === undefined && /(reasoning|_call)$/.test(String(type)))
}

/** The requests that came before this one in its conversation: it ended where the model began to speak. */
export function earlierRequests(caller: RecordedProtocol, request: Fields): Fields[] {
  const turns = objects(request[turnsIn[caller]])
  const starts = turns.flatMap((turn, index) => (index > 0 && isSaid(turn) && !isSaid(turns[index - 1] as Fields) ? [index] : []))
  return starts.map((start) => ({ ...request, [turnsIn[caller]]: turns.slice(0, start) }))
}

/** Claude Code counts its requests in the first line of its system text. */
export function counted(request: Fields, count: string): Fields {
  return JSON.parse(JSON.stringify(request).replace(/cch=\w+/, `cch=${count}`)) as Fields
}
