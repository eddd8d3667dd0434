import { type Delta, type LossSink, reportForeignFields, type TextBlock } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/** Reports what a text holds besides its words, of which alone a compaction is made. */
export function loseBesideWords(block: TextBlock, path: string, losses: LossSink): void {
  for (const annotation of block.annotations ?? []) loseDelta({ type: 'annotation', annotation }, path, losses)
  if (block.sealed) loseDelta({ type: 'sealed', sealed: block.sealed }, path, losses)
  reportForeignFields(block, path, losses, protocolId)
}

/** The same of what comes behind its beginning in a stream. */
export function loseDelta(delta: Exclude<Delta, { type: 'text' }>, path: string, losses: LossSink): void {
  switch (delta.type) {
    case 'annotation':
      losses.dropped(`${path}.annotations`, 'citations', 'semantic', inSummary)
      break
    case 'sealed':
      // It is for the turn that the summary takes the place of.
      losses.dropped(`${path}.sealed`, 'reasoning-seal', 'hint', inSummary)
      break
    case 'logprobs':
      losses.dropped('logprobs', 'logprobs', 'semantic')
      break
    case 'foreign':
      if (delta.protocol !== protocolId) losses.dropped(path, 'text-delta', 'semantic', inSummary)
  }
}

const inSummary = 'A compaction holds words alone.'
