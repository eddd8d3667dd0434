import { describe, expect, it } from 'vitest'
import { ownRecording, ownRecordings, type Recording, recordings } from './recordings.ts'
import { readRecording } from './sdk-readings.ts'

const protocols = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const

describe('readRecording', () => {
  it.each(protocols)('reads the same from a stream and from its whole twin (%s)', async (protocol) => {
    const twins = ownRecordings(protocol).filter(({ id }) => id.endsWith('-unary'))
    expect(twins.length).toBeGreaterThan(4)
    for (const whole of twins) {
      const streamed = ownRecording(protocol, whole.id.replace(`${protocol}/`, '').replace('-unary', ''))
      expect(await readRecording(streamed), whole.id).toEqual(await readRecording(whole))
    }
  })

  it('reads every part of a reply', async () => {
    expect(await readRecording(ownRecording('anthropic-messages', 'parallel-tools'))).toEqual({
      text: 'I will look at the weather.And at the files.',
      refusal: '',
      thinking: '',
      toolCalls: [
        { name: 'get_weather', arguments: { city: 'Bern' } },
        { name: 'list_files', arguments: {} },
      ],
      finish: 'tool-calls',
      usage: { input: 80, cacheRead: 0, cacheWrite: 0, output: 33, reasoning: 0 },
    })
    const chat = await readRecording(ownRecording('openai-chat', 'thinking'))
    expect(chat).toMatchObject({ text: 'It is 4.', thinking: 'The user asks for a sum: 2 + 2.', usage: { input: 15, output: 40, reasoning: 30 } })
    expect(await readRecording(ownRecording('openai-chat', 'refusal'))).toMatchObject({ text: '', refusal: 'I cannot help with that.', finish: 'refusal' })
    expect(await readRecording(ownRecording('anthropic-messages', 'refusal'))).toMatchObject({ text: 'I cannot help with that.', finish: 'refusal' })
  })

  it.each(protocols)('reads something from every recorded reply (%s)', async (protocol) => {
    // The client reads names of enums, not the numbers that `enum-encoding=int` asks for, and no stream whose last blank line was lost in recording.
    const readable = ({ status, id, requestPath, format, body }: Recording) =>
      status === 200 &&
      !id.includes('-mid-stream') &&
      !requestPath?.includes('enum-encoding') &&
      (format !== 'sse' || /(\r?\n){2}$/.test(body.toString('latin1')))
    for (const recording of recordings(protocol).filter(readable)) {
      const meaning = await readRecording(recording)
      expect(meaning.finish, recording.id).not.toBe('other')
      // Nothing but a block of the prompt comes without a word.
      if (!recording.id.startsWith('gemini/prompt-blocked')) expect(meaning.text + meaning.refusal + meaning.toolCalls.length, recording.id).not.toBe('0')
    }
  })

  it('reads every part of a response and of its items', async () => {
    expect(await readRecording(ownRecording('openai-responses', 'thinking'))).toEqual({
      text: 'It is 4.',
      refusal: '',
      thinking: '**Adding**\n\nThe user asks for a sum: 2 + 2.**Checking**\n\nThat makes 4.',
      toolCalls: [],
      finish: 'stop',
      usage: { input: 15, cacheRead: 0, cacheWrite: 0, output: 40, reasoning: 30 },
    })
    const calls = await readRecording(ownRecording('openai-responses', 'parallel-tools'))
    expect(calls.toolCalls).toEqual([
      { name: 'get_weather', arguments: { city: 'Bern' } },
      { name: 'list_files', arguments: {} },
    ])
    const custom = await readRecording(ownRecording('openai-responses', 'custom-tool'))
    expect(custom).toMatchObject({ toolCalls: [{ name: 'apply_patch', arguments: expect.stringContaining('+Hello "there"') }], finish: 'tool-calls' })
    expect(await readRecording(ownRecording('openai-responses', 'text'))).toMatchObject({ usage: { input: 11, cacheRead: 8 } })
    expect(await readRecording(ownRecording('openai-responses', 'refusal'))).toMatchObject({ text: '', refusal: 'I cannot help with that.', finish: 'refusal' })
    expect(await readRecording(ownRecording('openai-responses', 'length'))).toMatchObject({ text: '1, 2, 3, 4, 5', finish: 'length' })
    await expect(readRecording(ownRecording('openai-responses', 'failed-mid-stream'))).rejects.toThrow(/had an error/)
  })

  it('reads every part of the chunks of a stream, whatever its form', async () => {
    const text = await readRecording(ownRecording('gemini', 'text'))
    expect(text).toMatchObject({ finish: 'stop', usage: { input: 11, cacheRead: 8, cacheWrite: 0, output: 11, reasoning: 0 } })
    expect(await readRecording(ownRecording('gemini', 'text-array'))).toEqual(text)
    const thinking = await readRecording(ownRecording('gemini', 'thinking'))
    expect(thinking).toMatchObject({ text: 'It is 4.', thinking: expect.stringMatching(/2 \+ 2.*makes 4\.$/s), usage: { output: 40, reasoning: 30 } })
    const calls = await readRecording(ownRecording('gemini', 'parallel-tools'))
    expect(calls).toMatchObject({ text: 'I will look.', finish: 'tool-calls', toolCalls: [{ name: 'get_weather' }, { name: 'list_files', arguments: {} }] })
    expect(await readRecording(ownRecording('gemini', 'code-execution'))).toMatchObject({ usage: { input: 91, output: 47 } })
    expect(await readRecording(ownRecording('gemini', 'refusal'))).toMatchObject({ text: 'First you', finish: 'refusal' })
    expect(await readRecording(ownRecording('gemini', 'prompt-blocked'))).toMatchObject({ text: '', finish: 'refusal' })
  })

  it('rejects for an error, before and inside a stream', async () => {
    for (const protocol of protocols) {
      await expect(readRecording(ownRecording(protocol, 'error-429'))).rejects.toMatchObject({ status: 429 })
      await expect(readRecording(ownRecording(protocol, 'error-mid-stream'))).rejects.toThrow(/had an error|[Oo]verloaded/)
    }
  })
})
