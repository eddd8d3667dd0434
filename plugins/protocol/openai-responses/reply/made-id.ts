/** The id of a response whose provider gave none that the vendor's clients would know, from the id of the request (a UUID). */
export function madeId(replyId: string): string {
  return `resp_${replyId.replaceAll('-', '')}`
}
