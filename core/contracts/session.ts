/** One text that is remembered. */
export interface SessionEntry {
  /** What it is and whose, such as `reply:resp_1`. At most 512 characters. */
  readonly key: string
  /** JSON text, as a rule. The store does not look into it. */
  readonly value: string
  /** Unix milliseconds, after which it is gone. */
  readonly expiresAt: number
}

/**
 * Remembers texts between requests, each for one principal alone; `undefined` is the one caller of a gateway without authentication. Contribution of
 * the plugin kind `session`.
 *
 * An entry of somebody else, one that has expired and one that was pushed out by the cap are alike: they are not there. All methods reject with
 * GatewayError `TKL_SESSION_UNAVAILABLE` when the store cannot be reached.
 */
export interface SessionStore {
  /** Milliseconds that an entry lives at most, whatever it asks for; absent where there is no such limit. */
  readonly timeToLive?: number
  /** Resolves when the entries are kept as safely as the store keeps anything. A known key gets the new value and expiry. */
  put(principal: string | undefined, entries: readonly SessionEntry[]): Promise<void>
  /** Those of the keys that are there, in no order. */
  get(principal: string | undefined, keys: readonly string[]): Promise<readonly SessionEntry[]>
  /**
   * Has those of the keys that are still there live until `expiresAt` (Unix milliseconds), if that is later than they would, and counts them as written
   * anew. What has gone does not come back.
   */
  renew(principal: string | undefined, keys: readonly string[], expiresAt: number): Promise<void>
  /** Answers with how many there were. */
  delete(principal: string | undefined, keys: readonly string[]): Promise<number>
  /** Removes everything of a principal; answers with how many entries that were. */
  erase(principal: string | undefined): Promise<number>
}
