import type { Conversation } from 'tokligence'

const marked = new WeakSet<Conversation>()

/** The reply to this request, as its caller sent it, will be kept: it says so of itself. */
export function markKept(conversation: Conversation): void {
  marked.add(conversation)
}

export function isKept(conversation: Conversation): boolean {
  return marked.has(conversation)
}
