import type { ReplyFeature } from './feature.ts'
import { contentFeatures } from './reply-content.ts'
import { outcomeFeatures } from './reply-outcomes.ts'

/** Everything that the page on fidelity has a row for, of replies. */
export const replyFeatures: readonly ReplyFeature[] = [...contentFeatures, ...outcomeFeatures]
