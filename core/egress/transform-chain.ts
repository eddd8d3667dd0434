import type { ReplyEvent } from '../conversation/index.ts'
import type { ReplyTransform } from '../hooks.ts'

/** Runs events through the transforms of all plugins in turn, and into `sink`. */
export function transformChain(transforms: readonly ReplyTransform[], sink: (event: ReplyEvent) => void): (event: ReplyEvent) => void {
  return transforms.reduceRight<(event: ReplyEvent) => void>((next, transform) => {
    let ended = false
    return (event) => {
      if (!ended && (event.type === 'reply-end' || event.type === 'error')) {
        ended = true
        transform.end?.(next)
      }
      if (event.type === 'reply-end' || event.type === 'error') next(event)
      else transform.event(event, next)
    }
  }, sink)
}
