/** Tokens that a reply reports instead of the estimate. */
export interface GivenUsage {
  readonly input?: number
  readonly output?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

/** What the model's name and the user's directives ask for. */
export interface Behaviour {
  /** Tool calls to make; 0 for none. */
  readonly calls: number
  /** The tool to call; the first offered when absent. */
  readonly toolName?: string
  /** JSON text; made from the tool's schema when absent. */
  readonly toolArguments?: string
  readonly think: boolean
  readonly refuse: boolean
  /** Says that the limit of output was reached. */
  readonly length: boolean
  /** HTTP status to fail with. */
  readonly error?: number
  /** Status of an error in the middle of the stream. */
  readonly errorMidway?: number
  /** Where the answer stops short: the connection breaks, or it ends without the sign of the end. */
  readonly cut?: 'break' | 'end'
  /** Milliseconds between pieces. */
  readonly delay: number
  /** Bytes per piece; one event per piece when absent. */
  readonly split?: number
  /** How often the text is said. */
  readonly repeat: number
  readonly usage?: GivenUsage
}

export const plainBehaviour: Behaviour = { calls: 0, think: false, refuse: false, length: false, delay: 0, repeat: 1 }
