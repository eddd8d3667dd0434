import { wireMemo } from 'tokligence'

export const protocolId = 'gemini'

export const { remember, recall, rememberInner, recallInner, isNative } = wireMemo(protocolId)
