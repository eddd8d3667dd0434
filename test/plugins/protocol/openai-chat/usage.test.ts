import type { Json, Usage } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { protocol, replyOptions } from './subject.ts'

function bucketsOf(usage: Json): Usage | undefined {
  return protocol.decodeReply({ choices: [], usage }).usage
}

function written(usage: Usage, losses = replyOptions()) {
  return (protocol.encodeReply({ candidates: [], usage }, losses) as { usage?: Json }).usage
}

describe('usage, as disjoint buckets', () => {
  it.each([
    ['without details', { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 }, { inputUncached: 10, output: 4 }],
    [
      'with no cached tokens',
      { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 0 } },
      { inputUncached: 10, cacheRead: 0, output: 4 },
    ],
    [
      'with cached, written and reasoning tokens',
      {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 7 },
      },
      { inputUncached: 50, cacheRead: 40, cacheWrite: 10, output: 20, reasoning: 7 },
    ],
    [
      'of DeepSeek',
      { prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 1 },
      { inputUncached: 1, cacheRead: 8, output: 1 },
    ],
    [
      'of xAI, whose output leaves reasoning out',
      { prompt_tokens: 32, completion_tokens: 9, total_tokens: 135, completion_tokens_details: { reasoning_tokens: 94 } },
      { inputUncached: 32, output: 103, reasoning: 94 },
    ],
    ['that counts more cached tokens than there are', { prompt_tokens: 5, prompt_tokens_details: { cached_tokens: 6 } }, { inputUncached: 0, cacheRead: 6 }],
    ['of output alone', { completion_tokens: 3 }, { output: 3 }],
    ['with figures that are none', { prompt_tokens: '5', completion_tokens: -1, prompt_tokens_details: 3 }, {}],
  ])('%s', (_, raw, buckets) => {
    expect(bucketsOf(raw as Json)).toEqual({ ...buckets, source: 'measured', raw })
  })

  it('is undefined where there is none', () => {
    expect(bucketsOf(null)).toBeUndefined()
  })
})

describe('usage for the caller', () => {
  it('counts what was read from and written to a cache as part of the prompt', () => {
    expect(written({ inputUncached: 10, cacheRead: 5, cacheWrite: 3, output: 7, reasoning: 2, source: 'measured', raw: { input_tokens: 10 } })).toEqual({
      prompt_tokens: 18,
      completion_tokens: 7,
      total_tokens: 25,
      prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 2 },
    })
  })

  it('is the vendor’s own object until a figure changes', () => {
    const raw = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14, prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 } }
    const usage = bucketsOf(raw) as Usage
    expect(written(usage)).toBe(raw)
    expect(written({ ...usage, output: 5 })).toEqual({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: { cached_tokens: 0 } })
  })

  it('makes up a figure that the provider did not tell, and says so', () => {
    const options = replyOptions()
    expect(written({ output: 4, source: 'measured' }, options)).toEqual({ prompt_tokens: 7, completion_tokens: 4, total_tokens: 11 })
    expect(options.losses.losses).toMatchObject([{ path: 'usage.prompt_tokens', action: 'invented', severity: 'hint' }])
  })

  it('is left out when nothing is known', () => {
    expect(written({ source: 'measured' })).toBeUndefined()
  })
})
