/**
 * A system text without the line that Claude Code opens it with, `x-anthropic-billing-header: …`: it holds a number that changes with every request, and
 * would spoil the prompt cache of any provider but its own vendor, which leaves it out of account (anthropics/claude-code issue 68900).
 */
export function withoutBillingLine(text: string): string {
  return text.startsWith('x-anthropic-billing-header:') ? text.replace(/^.*\s*/, '') : text
}
