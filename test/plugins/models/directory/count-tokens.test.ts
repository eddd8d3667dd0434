import { randomBytes } from 'node:crypto'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, it } from 'vitest'
import { countTokens } from '../../../../plugins/models/directory/count-tokens.ts'

describe('a count of tokens', () => {
  it('is the tokenizer’s own, also of a text that is counted in pieces', async () => {
    const text = 'The quick brown fox jumps over the lazy dog, again and again. '.repeat(400)
    expect(await countTokens([text, 'and this', ''])).toBe(encode(text).length + encode('and this').length)
  })

  it('of a text without spaces takes no time that grows with its square', async () => {
    await countTokens(['warm'])
    const begin = performance.now()
    expect(await countTokens(['😀'.repeat(100_000)])).toBeGreaterThan(10_000)
    expect(performance.now() - begin).toBeLessThan(2_000)
  })

  it('takes words that stand for control tokens as text', async () => {
    expect(await countTokens(['<|endoftext|>'])).toBeGreaterThan(1)
  })

  it.each([
    ['one word without an end', [randomBytes(150_000).toString('hex')]],
    ['any number of short texts', Array.from({ length: 300_000 }, (_, index) => `word ${index}`)],
  ])('of %s lets other requests have their turn', async (_title, texts) => {
    await countTokens(['warm'])
    let turns = 0
    let over = false
    const next = () => {
      turns++
      if (!over) setImmediate(next)
    }
    setImmediate(next)
    await countTokens(texts)
    over = true
    expect(turns).toBeGreaterThan(10)
  })
})
