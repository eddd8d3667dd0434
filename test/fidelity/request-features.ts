import type { RequestFeature } from './feature.ts'
import { mediaFeatures } from './request-media.ts'
import { settingFeatures } from './request-settings.ts'
import { toolFeatures } from './request-tools.ts'
import { turnFeatures } from './request-turns.ts'

/** Everything that the page on fidelity has a row for, of requests. */
export const requestFeatures: readonly RequestFeature[] = [...turnFeatures, ...mediaFeatures, ...toolFeatures, ...settingFeatures]
