import { randomUUID } from 'node:crypto'

let prefixMillisecond = -1
let prefix = ''

/** A UUIDv7 (RFC 9562): sorts by time of creation, to the millisecond. */
export function createId(now: number = Date.now()): string {
  if (now !== prefixMillisecond) {
    const hex = now.toString(16).padStart(12, '0')
    prefix = `${hex.slice(0, 8)}-${hex.slice(8)}-7`
    prefixMillisecond = now
  }
  return prefix + randomUUID().slice(15)
}

const saneRequestId = /^[\w.:/+=@-]{1,128}$/

/** The caller's own request id, if it is short and printable enough to stand in headers, logs and rows. */
export function acceptRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && saneRequestId.test(header) ? header : undefined
}
