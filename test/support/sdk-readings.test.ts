import { describe, expect, it } from 'vitest'
import { ownRecording, ownRecordings, recordings } from './recordings.ts'
import { readRecording } from './sdk-readings.ts'

describe('readRecording', () => {
  it.each(['openai-chat', 'anthropic-messages'] as const)('reads the same from a stream and from its whole twin (%s)', async (protocol) => {
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

  it.each(['openai-chat', 'anthropic-messages'] as const)('reads something from every recorded reply (%s)', async (protocol) => {
    for (const recording of recordings(protocol).filter(({ status, id }) => status === 200 && !id.includes('error-mid-stream'))) {
      const meaning = await readRecording(recording)
      expect(meaning.finish, recording.id).not.toBe('other')
      expect(meaning.text + meaning.refusal + meaning.toolCalls.length, recording.id).not.toBe('0')
    }
  })

  it('rejects for an error, before and inside a stream', async () => {
    for (const protocol of ['openai-chat', 'anthropic-messages'] as const) {
      await expect(readRecording(ownRecording(protocol, 'error-429'))).rejects.toMatchObject({ status: 429 })
      await expect(readRecording(ownRecording(protocol, 'error-mid-stream'))).rejects.toThrow(/had an error|[Oo]verloaded/)
    }
  })
})
