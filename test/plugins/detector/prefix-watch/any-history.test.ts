import fc from 'fast-check'
import type { PromptPart } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { brokenPrefix, type LookedAt } from '../../../../plugins/detector/prefix-watch/broken-prefix.ts'
import { fingerprint } from '../../../../plugins/detector/prefix-watch/fingerprint.ts'
import { History, type Remembered } from '../../../../plugins/detector/prefix-watch/history.ts'

const limits = { conversations: 1_000, within: 60_000 }

interface Plan {
  readonly standing: number
  /** Turns of the first request, and how many each later one has more. */
  readonly growth: readonly number[]
  /** Turns are as short as a `yes`. */
  readonly short: boolean
}

const plans: fc.Arbitrary<Plan> = fc.record({
  standing: fc.nat(5),
  growth: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 8 }),
  short: fc.boolean(),
})

function partsOf({ standing, growth, short }: Plan, name: string, round: number, changed?: number): readonly PromptPart[] {
  const turns = growth.slice(0, round + 1).reduce((sum, more) => sum + more, 0)
  return Array.from({ length: standing + turns }, (_, index) => {
    const turn = index >= standing
    // Short turns are said in every conversation; long ones are those of one.
    const said = turn && short ? `turn ${index - standing}` : `${turn ? name : 'same'} ${index} `.padEnd(300, 'x')
    return { path: `part[${index}]`, text: index === changed ? `${said} changed` : said, turn }
  })
}

function look(parts: readonly PromptPart[]): LookedAt {
  return { print: fingerprint(parts), paths: parts.map(({ path }) => path) }
}

function remembered({ print }: LookedAt, sent = print): Remembered {
  return { scope: 's', asked: print, sent, at: Date.now(), usage: undefined, estimatedInput: 1_000, changedBy: [], warned: new Set() }
}

describe('any history of several conversations', () => {
  it('is no break as long as prompts only grow', () => {
    fc.assert(
      fc.property(fc.array(plans, { minLength: 1, maxLength: 4 }), fc.nat(5), fc.array(fc.nat(3), { maxLength: 40 }), (drawn, standing, order) => {
        const made = drawn.map((plan) => ({ ...plan, standing }))
        const history = new History()
        const rounds = made.map(() => 0)
        const before: (Remembered | undefined)[] = made.map(() => undefined)
        for (const pick of order) {
          const which = pick % made.length
          const round = rounds[which] as number
          const plan = made[which] as Plan
          if (round >= plan.growth.length) continue
          const asked = look(partsOf(plan, `talk ${which}`, round))
          const found = history.find('s', asked.print, limits.within)
          // What other conversations said is the beginning of this one, too, where all of them said the same.
          if (!plan.short && made.every(({ short }) => !short)) expect(found).toBe(before[which])
          if (found) expect(brokenPrefix(found, { asked, sent: asked, identity: true, completed: false })).toBeUndefined()
          const now = remembered(asked)
          history.remember(now, limits, found)
          before[which] = now
          rounds[which] = round + 1
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is broken exactly where a part changed, and by whom', () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.nat(), fc.boolean(), (plan, at, when, byClient) => {
        const round = when % (plan.growth.length - 1)
        const earlier = partsOf(plan, 'talk', round)
        const turns = earlier.length - plan.standing
        // Not the last turn: that would be an edit. Of fewer than three turns, one that is changed is half of the conversation.
        const choices = earlier.slice(0, -1).flatMap(({ turn }, index) => (turn && (turns < 3 || (plan.short && index === plan.standing)) ? [] : [index]))
        fc.pre(choices.length > 0)
        const part = choices[at % choices.length] as number
        const history = new History()
        const first = look(earlier)
        history.remember(remembered(first), limits)
        const clean = look(partsOf(plan, 'talk', round + 1))
        const changed = look(partsOf(plan, 'talk', round + 1, part))
        const prompts = { asked: byClient ? changed : clean, sent: changed, identity: true, completed: false }
        const found = history.find('s', prompts.asked.print, limits.within)
        expect(found?.asked).toBe(first.print)
        if (found) expect(brokenPrefix(found, prompts)).toEqual({ part, path: `part[${part}]`, brokenBy: byClient ? 'client' : 'gateway' })
      }),
      { numRuns: 1_000 },
    )
  })
})
