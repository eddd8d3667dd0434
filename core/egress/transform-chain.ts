import type { ReplyEvent } from '../conversation/index.ts'
import type { ReplyTransform } from '../hooks.ts'

/** Runs events through the transforms of all plugins in turn, and into `sink`. What comes after a `reply-end` or an `error` is ignored. */
export function transformChain(transforms: readonly ReplyTransform[], sink: (event: ReplyEvent) => void): (event: ReplyEvent) => void {
  return transforms.reduceRight<(event: ReplyEvent) => void>((next, transform) => {
    let ended = false
    return (event) => {
      if (ended) return
      if (event.type !== 'reply-end' && event.type !== 'error') return transform.event(event, next)
      ended = true
      transform.end?.(next)
      next(event)
    }
  }, onceEnded(sink))
}

function onceEnded(sink: (event: ReplyEvent) => void): (event: ReplyEvent) => void {
  let ended = false
  return (event) => {
    if (ended) return
    ended = event.type === 'reply-end' || event.type === 'error'
    sink(event)
  }
}
