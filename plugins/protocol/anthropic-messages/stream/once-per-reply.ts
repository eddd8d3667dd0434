import { type Loss, LossSink } from 'tokligence'

/** Hands on each loss of a stream once for all its blocks and pieces: a reply has thousands of them. */
export class OncePerReply extends LossSink {
  readonly #target: LossSink
  readonly #seen = new Set<string>()

  constructor(target: LossSink) {
    super()
    this.#target = target
  }

  override report(loss: Loss): void {
    const key = JSON.stringify([loss.path.replace(/\[\d+\]/g, '[]'), loss.feature, loss.action])
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#target.report(loss)
  }

  override dropped(path: string, feature: string, severity: Loss['severity'], detail?: string): void {
    this.report({ path, feature, action: 'dropped', severity, ...(detail !== undefined && { detail }) })
  }

  override approximated(path: string, feature: string, severity: Loss['severity'], detail: string): void {
    this.report({ path, feature, action: 'approximated', severity, detail })
  }

  override invented(path: string, feature: string, severity: Loss['severity'], detail: string): void {
    this.report({ path, feature, action: 'invented', severity, detail })
  }
}
