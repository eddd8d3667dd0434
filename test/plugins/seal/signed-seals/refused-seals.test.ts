import { expect, it } from 'vitest'
import { mostRemembered, RefusedSeals } from '../../../../plugins/seal/signed-seals/refused-seals.ts'

it('refused seals are remembered up to a number, and those that were refused last the longest', () => {
  const refused = new RefusedSeals()
  for (const signature of ['first', 'second', 'first']) refused.add(signature)
  for (let number = 2; number < mostRemembered + 1; number++) refused.add(String(number))
  expect(['first', 'second', String(mostRemembered)].map((signature) => refused.has(signature))).toEqual([true, false, true])
})
