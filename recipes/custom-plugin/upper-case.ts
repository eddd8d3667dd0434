import { definePlugin, type ReplyEvent } from 'tokligence'
import { z } from 'zod'

/** Writes every text of a reply in capitals, streamed or not, in any protocol. */
export const upperCase = definePlugin({
  kind: 'firewall',
  name: 'upper-case',
  apiVersion: 1,
  options: z.strictObject({ except: z.array(z.string()).default([]).describe('replies to prompts with one of these words are left alone') }),
  setup(api, { except }) {
    api.hooks.openReply.tap((context) => {
      const prompt = JSON.stringify(context.conversation.turns.at(-1)?.blocks ?? [])
      if (except.some((word) => prompt.includes(word))) return undefined
      return { event: (event, emit) => emit(shout(event)) }
    })
  },
})

function shout(event: ReplyEvent): ReplyEvent {
  if (event.type === 'block-start' && event.block.type === 'text') return { ...event, block: { ...event.block, text: event.block.text.toUpperCase() } }
  if (event.type === 'block-delta' && event.delta.type === 'text') return { ...event, delta: { ...event.delta, text: event.delta.text.toUpperCase() } }
  return event
}
