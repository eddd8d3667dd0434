import { wireMemo } from 'tokligence'

export const protocolId = 'openai-chat'

export const { remember, recall, rememberInner, recallInner, isNative } = wireMemo(protocolId)
