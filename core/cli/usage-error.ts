/** A command line that cannot be understood. The message is a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
