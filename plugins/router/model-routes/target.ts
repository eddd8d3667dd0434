/** What is left of the first slash; a model's name may hold slashes of its own. */
type ProviderOf<Text extends string> = Text extends `${infer Provider}/${string}` ? Provider : Text

type TextOf<Target> = Target extends string ? Target : Target extends { readonly to: infer Text extends string } ? Text : never

/** The provider ids in a record of routes, as a union of literals. */
export type ProviderIdsNamedIn<Routes> = ProviderOf<TextOf<Routes[keyof Routes]>>

export interface ParsedTarget {
  readonly provider: string
  /** Absent when the caller's name for the model is kept. */
  readonly model?: string
}

/** Reads `provider` or `provider/model`; undefined when a side of the slash is empty. */
export function parseTarget(text: string): ParsedTarget | undefined {
  const slash = text.indexOf('/')
  if (slash === -1) return text === '' ? undefined : { provider: text }
  const provider = text.slice(0, slash)
  const model = text.slice(slash + 1)
  return provider === '' || model === '' ? undefined : { provider, model }
}
