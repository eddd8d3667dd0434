import { type Conversation, type Loss, LossSink, type Protocol, parseEvents, viaConversation } from 'tokligence'
import { beforeAll, describe, expect, it } from 'vitest'
import { GatewaySeals } from '../../plugins/seal/signed-seals/gateway-seals.ts'
import { keysOf } from '../../plugins/seal/signed-seals/seal-key.ts'
import { asked, type Speakers, speakers, streamed, thoughtful } from './thoughtful-vendors.ts'
import { callers } from './vendors.ts'

const keeper = new GatewaySeals(() => keysOf(Buffer.alloc(32, 5))).keeperFor('p', 'a', 'vendor')

let protocols: Speakers
beforeAll(async () => {
  protocols = await speakers()
})

/** What a caller is told to have lost of the blocks of a vendor’s reply, whole or in a stream. */
function lossesOf(caller: Protocol, vendor: Protocol, body: ReturnType<typeof thoughtful>, stream: boolean): readonly string[] {
  const losses = new LossSink()
  const conversation: Conversation = { ...asked, stream }
  const options = { losses, conversation, estimatedInput: 1, replyId: 'r', seals: keeper }
  const session = viaConversation(caller, vendor).open()
  session.encodeRequest(conversation, { losses: new LossSink(), facts: {}, seals: keeper })
  if (!stream) session.encodeReply(session.decodeReply(body), options)
  else {
    const decoder = session.createStreamDecoder()
    const encoder = session.createStreamEncoder(options)
    for (const event of [...parseEvents(streamed(vendor, body)).flatMap((each) => decoder.push(each)), ...decoder.end()]) encoder.push(event)
  }
  return losses.losses.filter(({ path }) => path !== 'usage').map(({ path, feature, action }: Loss) => `${path} ${feature} ${action}`)
}

const directions = callers.flatMap((vendor) => callers.filter((caller) => caller !== vendor).map((caller) => [vendor, caller] as const))

describe('what is lost of thoughts', () => {
  it.each(directions)('of %s for callers of %s is the same whether the reply is streamed or not', (vendor, caller) => {
    const body = thoughtful(vendor, 1, true)
    const [spoken, asking] = [protocols[vendor] as Protocol, protocols[caller] as Protocol]
    expect(lossesOf(asking, spoken, body, true)).toEqual(lossesOf(asking, spoken, body, false))
  })
})
