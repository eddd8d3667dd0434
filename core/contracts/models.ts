/** One model as `GET …/models` lists it. */
export interface ModelCard {
  readonly id: string
  /** The provider's id in the configuration. */
  readonly provider: string
  readonly ownedBy?: string
  readonly displayName?: string
  /** Unix seconds. */
  readonly created?: number
}

/** What is known of a model. An absent field is unknown. */
export interface ModelFacts {
  /** Tokens. */
  readonly contextWindow?: number
  /** Tokens. */
  readonly maxOutputTokens?: number
  /** The least thinking budget the provider takes, in tokens. */
  readonly minThinkingTokens?: number
  /** The greatest thinking budget the provider takes, in tokens. */
  readonly maxThinkingTokens?: number
  readonly thinking?: 'none' | 'budget' | 'adaptive' | 'effort'
  /** The words for the effort that the model takes, from the least to the most. */
  readonly efforts?: readonly string[]
  /** The model refuses stop sequences, and settings of its sampling: `always`, or `thinking`: only beside an effort other than `none`. */
  readonly fixedSampling?: 'always' | 'thinking'
  /** In a protocol that carries no thoughts from turn to turn, the model takes function tools only with the effort `none`. */
  readonly chatToolsNeedNoReasoning?: boolean
  readonly input?: readonly ('text' | 'image' | 'document' | 'audio' | 'video')[]
  readonly structuredOutput?: boolean
  /** The model takes tools whose input is free text, in protocols that have them. */
  readonly freeformTools?: boolean
}

/** Which models there are, and what is known of them. Contribution of the plugin kind `models`. */
export interface ModelSource {
  /** All models that a caller can name; what a provider does not tell within two seconds is left out. */
  list(): Promise<readonly ModelCard[]>
  /** Facts of a model by its name upstream; an empty object when nothing is known. */
  facts(model: string): ModelFacts
  /** Tokens of texts in the model's tokenizer, or in the nearest one there is. */
  countTokens?(texts: readonly string[], model: string): Promise<number>
}
