import type { ProtocolName } from './feature.ts'
import { directions, type Finding } from './measure.ts'

export interface Row {
  readonly name: string
  /** In the order of `directions`. */
  readonly findings: readonly (Finding | undefined)[]
}

const letters: Readonly<Record<ProtocolName, string>> = { 'openai-chat': 'C', 'openai-responses': 'R', 'anthropic-messages': 'M', gemini: 'G' }
const signs: Readonly<Record<Finding['outcome'], string>> = { carried: '✓', approximated: '≈', lost: '✗', silent: '?', refused: '!' }

/** The page docs/translation-fidelity.md. */
export function fidelityPage(requests: readonly Row[], replies: readonly Row[]): string {
  return `# Translation fidelity

Generated from the tests (\`npm run docs:fidelity\`): every cell is a request that went through a gateway, and what its provider, or its caller, got.

Columns are directions, *caller* → *provider*: C is \`openai-chat\`, R \`openai-responses\`, M \`anthropic-messages\`, G \`gemini\`.

| sign | meaning |
| --- | --- |
| ✓ | carried over |
| ≈ | carried over in another form, which the loss list names |
| ✗ | the other side has no slot for it; the loss list names it, and a route with \`onLoss: 'reject'\` refuses it when its severity is *semantic* |
| ! | refused with an error that says why |
| (blank) | the one that would have to say it has no words for it |

## Requests
${table(requests)}
## Replies
Here the provider says it, and the caller hears it.

${table(replies)}
## What the loss list says
${details([...requests, ...replies])}`
}

function table(rows: readonly Row[]): string {
  const head = ['', ...directions.map(({ from, to }) => `${letters[from]}→${letters[to]}`)]
  const lines = rows.map(({ name, findings }) => [name, ...findings.map((finding) => (finding ? signs[finding.outcome] : ''))])
  return [head, head.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .concat('\n')
}

function details(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ name, findings }) => {
    const said = new Map<string, string[]>()
    for (const [index, finding] of findings.entries()) {
      const direction = directions[index]
      if (!finding || !direction || finding.losses.length === 0) continue
      const text = finding.losses.join('; ')
      said.set(text, [...(said.get(text) ?? []), `${letters[direction.from]}→${letters[direction.to]}`])
    }
    return [...said].map(([text, where]) => `| ${name} | ${where.join(' ')} | ${text.replaceAll('|', '\\|')} |`)
  })
  return ['| | | |', '| --- | --- | --- |', ...lines].join('\n').concat('\n')
}
