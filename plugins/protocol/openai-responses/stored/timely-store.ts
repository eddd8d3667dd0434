import { GatewayError, type SessionStore } from 'tokligence'

/** A store may take so long for a call, within hooks and outside of them. Milliseconds; shorter than what a hook has for one tap. */
const patience = 4_000

/** The store, whose calls reject with GatewayError `TKL_SESSION_UNAVAILABLE` when they take too long. What they bring about later stands. */
export function timely(store: SessionStore): SessionStore {
  return {
    ...(store.timeToLive !== undefined && { timeToLive: store.timeToLive }),
    put: (principal, entries) => inTime(store.put(principal, entries)),
    get: (principal, keys) => inTime(store.get(principal, keys)),
    renew: (principal, keys, expiresAt) => inTime(store.renew(principal, keys, expiresAt)),
    delete: (principal, keys) => inTime(store.delete(principal, keys)),
    erase: (principal) => inTime(store.erase(principal)),
  }
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new GatewayError('TKL_SESSION_UNAVAILABLE', `The session store did not answer within ${patience / 1_000} s.`))
    timer = setTimeout(fail, patience)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
