/** A command line that cannot be understood. The message is a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** The command whose help says more, when it is known. */
  readonly command: string | undefined

  constructor(message: string, command?: string) {
    super(message)
    this.command = command
  }
}
