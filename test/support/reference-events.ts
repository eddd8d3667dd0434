/** What a reader must see: the type (empty when none was given) and the data of one dispatched event. */
export interface ReferenceEvent {
  event: string
  data: string
}

/**
 * The algorithm of the WHATWG HTML standard, 9.2.6 "Interpreting an event stream", taken literally, character by character. Retry and id fields
 * change nothing that is compared here.
 */
export function referenceEvents(stream: Buffer): ReferenceEvent[] {
  // "UTF-8 decode" strips one byte order mark.
  const text = new TextDecoder('utf-8', { ignoreBOM: false }).decode(stream)
  const dispatched: ReferenceEvent[] = []
  let dataBuffer = ''
  let eventTypeBuffer = ''
  let line = ''
  const endOfLine = () => {
    if (line === '') {
      if (dataBuffer === '') eventTypeBuffer = ''
      else {
        dispatched.push({ event: eventTypeBuffer, data: dataBuffer.slice(0, -1) })
        dataBuffer = ''
        eventTypeBuffer = ''
      }
    } else if (!line.startsWith(':')) {
      const colon = line.indexOf(':')
      const field = colon === -1 ? line : line.substring(0, colon)
      let value = colon === -1 ? '' : line.substring(colon + 1)
      if (value.startsWith(' ')) value = value.substring(1)
      if (field === 'event') eventTypeBuffer = value
      if (field === 'data') dataBuffer += `${value}\n`
    }
    line = ''
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\r') {
      endOfLine()
      if (text[at + 1] === '\n') at++
    } else if (character === '\n') endOfLine()
    else line += character
  }
  // "Once the end of the file is reached, any pending data must be discarded."
  return dispatched
}
