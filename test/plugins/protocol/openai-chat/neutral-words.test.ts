import { type Annotation, type Citation, LossSink, type Reply, type ReplyEvent, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, chunk, dataOf, decodeStream, delta, encodeEvents, protocol, replyOptions } from './subject.ts'

const cited = (start_index: number, end_index: number) => ({
  type: 'url_citation',
  url_citation: { url: 'https://a.example', title: 'A', start_index, end_index },
})

function replyOf(message: object, rest: object = {}) {
  return {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...rest }],
  }
}

describe('citations', () => {
  it('are read in words that other protocols have, and written back as they stood', () => {
    const body = replyOf({ content: 'Rome is old.', annotations: [cited(0, 4), { type: 'file_citation', file: 1 }] })
    const reply = protocol.decodeReply(body as never)
    expect(reply.candidates[0]?.blocks).toMatchObject([
      { annotations: [{ value: cited(0, 4), citation: { url: 'https://a.example', title: 'A', start: 0, end: 4 } }, { value: { type: 'file_citation' } }] },
    ])
    expect(protocol.encodeReply(reply, replyOptions())).toEqual(body)
  })

  it('are placed in the text that they belong to when a stream has several', () => {
    const events = decodeStream(
      delta({ content: 'One. ' }),
      delta({ reasoning_content: 'Hm.' }),
      delta({ content: 'Two.' }),
      delta({ annotations: [cited(5, 9)] }, 'stop'),
      '[DONE]',
    )
    const texts = accumulate(events).candidates[0]?.blocks.filter(({ type }) => type === 'text')
    expect(texts).toMatchObject([{ text: 'One. ' }, { text: 'Two.', annotations: [{ citation: { start: 0, end: 4 } }] }])
  })

  const foreign = (citation?: Citation): Annotation => ({ protocol: 'elsewhere', value: {}, ...(citation && { citation }) })
  const reply: Reply = {
    candidates: [
      {
        blocks: [
          { type: 'text', text: 'One. ', annotations: [foreign({ url: 'https://a.example', title: 'A' })] },
          { type: 'text', text: 'Two.', annotations: [foreign({ url: 'https://a.example', title: 'A', start: 1, end: 3 }), foreign({ title: 'A file' })] },
        ],
        finish: { reason: 'stop' },
      },
    ],
  }

  it('of another protocol stand at their place in the whole content, streamed and not', () => {
    const losses = new LossSink()
    const { choices } = protocol.encodeReply(reply, replyOptions({}, losses)) as { choices: { message: object }[] }
    expect(choices[0]?.message).toMatchObject({ content: 'One. Two.', annotations: [cited(0, 5), cited(6, 8)] })
    expect(losses.losses.map(({ path, feature }) => `${path} ${feature}`)).toEqual(['content[1].citations citations'])
    const options = replyOptions({ stream: true })
    const bytes = encodeEvents(replyEvents(reply), options)
    const found = [...bytes.matchAll(/"annotations":(\[.*?\])\}/g)].flatMap(([, list]) => JSON.parse(list as string) as object[])
    expect(found).toEqual([cited(0, 5), cited(6, 8)])
    expect(options.losses.losses.map(({ feature }) => feature)).toEqual(['citations'])
  })
})

describe('log probabilities', () => {
  const wire = {
    content: [
      {
        token: 'Hi',
        logprob: -0.5,
        bytes: [72, 105],
        top_logprobs: [
          { token: 'Hi', logprob: -0.5, bytes: [72, 105] },
          { token: 'Yo', logprob: -2, bytes: null },
        ],
      },
    ],
    refusal: null,
  }
  const tokens = [
    {
      token: 'Hi',
      logprob: -0.5,
      bytes: [72, 105],
      top: [
        { token: 'Hi', logprob: -0.5, bytes: [72, 105] },
        { token: 'Yo', logprob: -2 },
      ],
    },
  ]

  it('are read in words that other protocols have, streamed and not', () => {
    const reply = protocol.decodeReply(replyOf({ content: 'Hi' }, { logprobs: wire }) as never)
    expect(reply.candidates[0]?.tokens).toEqual(tokens)
    const events = decodeStream(chunk({ delta: { content: 'Hi' }, logprobs: wire }), delta({}, 'stop'), '[DONE]')
    expect(accumulate(events).candidates[0]?.tokens).toEqual(tokens)
  })

  it.each([null, { content: [], refusal: null }, { content: [{ token: 'Hi' }] }, { content: null, refusal: [] }])('of %j are none', (logprobs) => {
    expect(protocol.decodeReply(replyOf({ content: 'Hi' }, { logprobs }) as never).candidates[0]).not.toHaveProperty('tokens')
  })

  it('of another protocol are written, whether they come with the text or behind it', () => {
    const reply: Reply = { candidates: [{ blocks: [{ type: 'text', text: 'Hi' }], finish: { reason: 'stop' }, logprobs: { own: 1 }, tokens }] }
    expect(protocol.encodeReply(reply, replyOptions())).toMatchObject({ choices: [{ logprobs: wire }] })
    const early: ReplyEvent[] = [
      { type: 'reply-start' },
      { type: 'block-start', index: 0, block: { type: 'text', text: 'Hi' } },
      { type: 'block-delta', index: 0, delta: { type: 'logprobs', protocol: 'elsewhere', value: {}, tokens } },
      { type: 'block-end', index: 0 },
      { type: 'finish', finish: { reason: 'stop' } },
      { type: 'reply-end' },
    ]
    for (const events of [early, replyEvents(reply)]) {
      const options = replyOptions({ stream: true })
      const chunks = dataOf(encodeEvents(events, options)) as { choices?: { logprobs: object | null }[] }[]
      expect(chunks.flatMap(({ choices }) => choices?.flatMap(({ logprobs }) => logprobs ?? []) ?? [])).toEqual([wire])
      expect(options.losses.losses).toEqual([])
    }
  })
})
