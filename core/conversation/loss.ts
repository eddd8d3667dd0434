/** What a translation could not carry over. Nothing is dropped without one of these. */
export interface Loss {
  /** Where it stood in the caller's request, in what went to the provider, or in its reply: `messages[3].content[0].cache_control`. */
  readonly path: string
  /** The feature's name, kebab-case: `cache-marker`, `logprobs`, `tool-choice`. */
  readonly feature: string
  /** `dropped`: it is gone; `approximated`: something near stands for it; `invented`: the target demands a value that the caller did not give. */
  readonly action: 'dropped' | 'approximated' | 'invented'
  /** `semantic`: the answer may differ; `hint`: only cost, speed or observability may. */
  readonly severity: 'semantic' | 'hint'
  readonly detail?: string
  /** Input tokens that it costs, about. */
  readonly tokens?: number
}

/** Collects the losses of one request; encoders write to it. */
export class LossSink {
  readonly losses: Loss[] = []
  readonly #known = new Set<string>()

  /** The same loss at the same place counts once, however many pieces of a stream it is in. */
  report(loss: Loss): void {
    const key = `${loss.path}\n${loss.feature}\n${loss.action}`
    if (this.#known.has(key)) return
    this.#known.add(key)
    this.losses.push(loss)
  }

  dropped(path: string, feature: string, severity: Loss['severity'], detail?: string): void {
    this.report(detail === undefined ? { path, feature, action: 'dropped', severity } : { path, feature, action: 'dropped', severity, detail })
  }

  approximated(path: string, feature: string, severity: Loss['severity'], detail: string): void {
    this.report({ path, feature, action: 'approximated', severity, detail })
  }

  invented(path: string, feature: string, severity: Loss['severity'], detail: string): void {
    this.report({ path, feature, action: 'invented', severity, detail })
  }
}
