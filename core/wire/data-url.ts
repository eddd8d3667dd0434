export interface DataUrl {
  readonly mediaType: string
  /** Standard base64. */
  readonly data: string
}

const shape = /^data:([^;,]+);base64,/

/** Reads `data:<media type>;base64,<data>`. Anything else, other parameters included, is undefined, so that it is written back as it was. */
export function parseDataUrl(url: string): DataUrl | undefined {
  const head = shape.exec(url)
  return head?.[1] === undefined ? undefined : { mediaType: head[1], data: url.slice(head[0].length) }
}

export function formatDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`
}
