/** Takes a JSON object from the beginning of a text: its own characters, and the text behind it. Nothing is taken when it is no JSON. */
export function takeObject(text: string): readonly [object: string | undefined, rest: string] {
  const start = text.search(/\S/)
  if (start === -1 || text[start] !== '{') return [undefined, text]
  let depth = 0
  let inString = false
  for (let index = start; index < text.length; index++) {
    const character = text[index]
    if (inString) {
      if (character === '\\') index++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) {
      const object = text.slice(start, index + 1)
      return isJson(object) ? [object, text.slice(index + 1)] : [undefined, text]
    }
  }
  return [undefined, text]
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
