import { expect, it } from 'vitest'
import { mostRemembered, RefusedSeals } from '../../../../plugins/seal/signed-seals/refused-seals.ts'

it('refused seals are remembered up to a number, and those that were refused last the longest', () => {
  const refused = new RefusedSeals()
  for (const seal of ['first', 'second', 'first']) refused.add('issuer', seal)
  for (let number = 2; number < mostRemembered + 1; number++) refused.add('issuer', String(number))
  expect(['first', 'second', String(mostRemembered)].map((seal) => refused.has('issuer', seal))).toEqual([true, false, true])
  expect(refused.has('another', 'first')).toBe(false)
})
