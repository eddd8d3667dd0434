/** Media types of the words of `input_audio.format` (openai 6.49.0, ChatCompletionContentPartInputAudio: wav and mp3; hosts take more). */
const mediaTypes: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' }

const formats: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
}

export function audioMediaType(format: string): string {
  return Object.hasOwn(mediaTypes, format) ? (mediaTypes[format] as string) : `audio/${format}`
}

/** Undefined when the protocol has no word for it. */
export function audioFormat(mediaType: string): string | undefined {
  return Object.hasOwn(formats, mediaType) ? formats[mediaType] : undefined
}

/** The word that a media type is written back as when nothing else is known. */
export function audioWireFormat(mediaType: string): string {
  return audioFormat(mediaType) ?? mediaType.slice(mediaType.indexOf('/') + 1)
}
