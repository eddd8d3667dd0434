import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../source-files.ts'
import { directions, type Finding, type GivenFacts, Meter } from './measure.ts'
import { fidelityPage, type Row } from './page.ts'
import { replyFeatures } from './reply-features.ts'
import { requestFeatures } from './request-features.ts'

const page = join(root, 'docs/translation-fidelity.md')
const requests: Row[] = []
const replies: Row[] = []

async function row(
  name: string,
  facts: GivenFacts,
  measure: (meter: Meter, direction: (typeof directions)[number]) => Promise<Finding | undefined>,
): Promise<Row> {
  const meter = await Meter.start(facts)
  try {
    const findings: (Finding | undefined)[] = []
    for (const direction of directions) findings.push(await measure(meter, direction))
    return { name, findings }
  } finally {
    await meter.close()
  }
}

function faults({ findings }: Row): string[] {
  return findings.flatMap((finding, index) => {
    const { from, to } = directions[index] as (typeof directions)[number]
    return finding?.outcome === 'silent' || finding?.outcome === 'refused' ? [`${from} → ${to}: ${finding.outcome} ${finding.losses.join('; ')}`] : []
  })
}

describe('no feature of a request is lost in silence', () => {
  it.each(requestFeatures)('$name', async (feature) => {
    const found = await row(feature.name, feature.facts ?? {}, (meter, { from, to }) => meter.request(feature, from, to))
    requests.push(found)
    expect(faults(found)).toEqual([])
  })
})

describe('no feature of a reply is lost in silence', () => {
  it.each(replyFeatures)('$name', async (feature) => {
    const found = await row(feature.name, {}, (meter, { from, to }) => meter.reply(feature, from, to))
    replies.push(found)
    expect(faults(found)).toEqual([])
  })
})

describe('docs/translation-fidelity.md', () => {
  it('says what was measured', () => {
    const text = fidelityPage(requests, replies)
    if (process.env.TOKLIGENCE_WRITE_DOCS) writeFileSync(page, text)
    expect(readFileSync(page, 'utf8'), 'npm run docs:fidelity writes it').toBe(text)
  })
})
