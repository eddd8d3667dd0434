import type { Awaitable } from './hooks.ts'

/** Waits, but not for ever. Rejects with an Error of that message when the time is over; what comes later is ignored. Milliseconds. */
export async function withDeadline<T>(work: Awaitable<T>, timeout: number, message: string): Promise<T> {
  if (!(work instanceof Promise)) return work
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), timeout)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
