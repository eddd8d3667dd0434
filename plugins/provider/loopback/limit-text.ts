import type { Conversation, Finish } from 'tokligence'

const charactersPerToken = 4

/** Cuts a text where a provider would: at the first stop sequence, or when the output limit, less what thinking spent, is reached. */
export function limitText(text: string, { stop = [], maxOutputTokens }: Conversation, spent: number): { readonly text: string; readonly finish: Finish } {
  let end = text.length
  let finish: Finish = { reason: 'stop' }
  for (const sequence of stop) {
    const at = sequence === '' ? -1 : text.indexOf(sequence)
    if (at === -1 || at >= end) continue
    end = at
    finish = { reason: 'stop-sequence', stopSequence: sequence }
  }
  if (maxOutputTokens !== undefined) {
    const most = Math.max(0, maxOutputTokens - spent) * charactersPerToken
    if (end > most) {
      end = endsInHalfCharacter(text, most) ? most - 1 : most
      finish = { reason: 'length' }
    }
  }
  return { text: text.slice(0, end), finish }
}

function endsInHalfCharacter(text: string, end: number): boolean {
  const last = text.charCodeAt(end - 1)
  return last >= 0xd800 && last <= 0xdbff
}
