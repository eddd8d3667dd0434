import type { CapturedRequest } from 'tokligence/testing'
import type { Fields } from '../../support/json-fields.ts'
import type { RecordedProtocol } from '../../support/recordings.ts'

/** What is expected of a stream that a checker reads. */
export interface StreamExpectation {
  /** `complete` when absent. */
  readonly ending?: 'complete' | 'error'
  /** The reply's content-type, when it is to be checked. */
  readonly contentType?: string | null
  /** False when no usage need be told: the caller did not ask for it, or the upstream did not tell it. */
  readonly usage?: boolean
  /** The bytes are the vendor's: what some hosts and older models leave out may be missing. */
  readonly untouched?: boolean
}

/**
 * Everything that a test needs to know of one protocol. A request is given in one form for all: the vendor's fields, with `model` and `stream` among
 * them even where the vendor has those in the address.
 */
export interface Dialect {
  readonly protocol: RecordedProtocol
  /** The address that a request is sent to, with its query. */
  endpoint(model: string, stream: boolean): string
  /** The headers with which a caller shows its key, `sk-caller`. */
  readonly login: Readonly<Record<string, string>>
  /** What stands in the body of a request. */
  body(request: Fields): Fields
  /** A request as the upstream got it, in the same form. */
  sent(request: CapturedRequest): Fields
  /** Why the vendor would refuse a body of this protocol, where its rules are written down. */
  refuse(body: Fields): string | undefined
  /** What a caller adds to a streamed request to be told usage. */
  readonly asksUsage: Fields
  /** A request as JSON text with everything in it that a parse and a write would change: spaces, escapes, forms of numbers, unknown members, order. */
  oddBody(model: string, stream: boolean): string

  /** The vendor's own envelope of an error. */
  vendorError(status: number, type: string, message: string): object
  /** What is wrong with an error's envelope; nothing when it is whole. */
  envelopeFaults(value: unknown): string[]
  /** How the vendor says that a request is wrong, and that it names something that is not there. */
  readonly errorTypes: { readonly invalid: string; readonly notFound: string; readonly unauthorized: string }
  /** The type of an error in its envelope. */
  errorType(value: unknown): unknown
  /** Whether the vendor's client threw this because the server told of an error, not because it could not read the body. */
  isToldError(thrown: unknown): boolean

  /** What is wrong with the bytes of a streamed reply; nothing when nothing is. */
  violations(bytes: Buffer, expected?: StreamExpectation): string[]
  /** Of what garbled providers say, a part is passed on as it is: violations that only repeat it. */
  readonly passedOn: RegExp
  /** Stands in the part of a stream that says that the reply is whole, and nowhere before. */
  readonly terminal: RegExp
  /** Where a recorded stream says why the reply ended, and where it says that the reply is whole. */
  readonly finishing: RegExp
  readonly whole: RegExp
  /** In the vendor's own stream that part has the last words of the text, too. */
  readonly terminalHoldsText: boolean
  /** Keeps an idle stream alive. */
  readonly ping: RegExp

  /** What the vendor calls the end of a reply, in the recordings `text` and `tool`. */
  readonly finishWord: string
  /** The vendor's id of the reply in the recording `text`. */
  readonly replyId: string
}
