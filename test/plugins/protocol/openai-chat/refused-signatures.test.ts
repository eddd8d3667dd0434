import { type Json, LossSink } from 'tokligence'
import { expect, it } from 'vitest'
import { keeper } from '../../../core/conversation/sealed-blocks.ts'
import { decodeRequest, protocol } from './subject.ts'

const signature = 'SIGNATURE'
const messageWith = (extra: Json) => ({ role: 'assistant', content: 'Hello.', name: 'one', extra_content: extra })

function sent(extra: Json, known: boolean, refused: boolean) {
  const losses = new LossSink()
  const seals = { ...keeper, open: (value: string) => (known && value === signature ? 'refused' : keeper.open(value)) } as const
  const body = { model: 'm', messages: [messageWith(extra)] }
  const { messages } = protocol.encodeRequest(decodeRequest(body), { losses, facts: {}, seals, refused })
  return { messages, losses: losses.losses.map(({ path }) => path) }
}

it.each([
  ['that was refused just now', false, true],
  ['of which it is known that it was refused', true, false],
])('the signature of a message %s is taken out, and nothing beside it', (_, known, refused) => {
  const losses = ['messages[0].extra_content.google.thought_signature']
  const { extra_content: __, ...bare } = messageWith(null)
  expect(sent({ google: { thought_signature: signature } }, known, refused)).toEqual({ messages: [bare], losses })
  expect(sent({ google: { thought_signature: signature, kept: 1 } }, known, refused)).toEqual({ messages: [messageWith({ google: { kept: 1 } })], losses })
  expect(sent({ google: { thought_signature: signature }, kept: 1 }, known, refused)).toEqual({ messages: [messageWith({ kept: 1 })], losses })
})

it.each([{ google: { thought_signature: signature } }, { google: 1 }, null, 'words'])('anything else stays as it is (%j)', (extra) => {
  expect(sent(extra, false, false)).toEqual({ messages: [messageWith(extra)], losses: [] })
})
