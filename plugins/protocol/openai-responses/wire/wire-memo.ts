import { wireMemo } from 'tokligence'

export const protocolId = 'openai-responses'

export const { remember, recall, rememberInner, recallInner, isNative } = wireMemo(protocolId)
