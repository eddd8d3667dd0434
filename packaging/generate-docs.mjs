/**
 * Writes the pages that come from code: docs/hooks.md and docs/errors.md.
 * `node packaging/generate-docs.mjs` writes them; with `--check` it only compares, and exits 1 when a page is out of date. Needs a build.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorTable, hookTable } from 'tokligence'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))

const verbs = {
  on: 'observes; the answer is ignored',
  modify: 'answers with the value, changed or not; the next tap gets it',
  resolve: 'the first answer that is not `undefined` is taken',
  guard: '`undefined` lets it pass; an answer ends it',
  open: 'may add one transform to the reply',
}

function hooksPage() {
  const rows = Object.entries(hookTable).map(([name, hook], index) => {
    const limits = hook.timeout > 0 ? `${hook.timeout.toLocaleString('en')} ms` : '–'
    const decodes = hook.decodes === 'never' ? '–' : `the ${hook.decodes}`
    return `| ${index + 1} | ${hook.stage} | \`${name}(${hook.arguments})\` | ${hook.verb} | ${hook.timing} | ${hook.onFailure} | ${limits} | ${decodes} | ${hook.when} |`
  })
  return `# Hooks

This page is generated from \`core/hooks.ts\` by \`npm run docs\`; do not edit it.

A plugin taps hooks inside its \`setup(api, options)\`:

\`\`\`ts
api.hooks.guardConversation.tap((conversation, context) => {
  if (conversation.turns.length > 200) return new GatewayError('TKL_REQUEST_REFUSED', 'The conversation is too long.')
}, { order: 'pre', onFailure: 'fail-open', timeout: 500 })
\`\`\`

## Verbs
| verb | meaning |
| --- | --- |
${Object.entries(verbs)
  .map(([verb, meaning]) => `| \`${verb}…\` | ${meaning} |`)
  .join('\n')}

\`null\` is not an answer: a tap that answers \`null\` has failed.

## Order
Within a hook, taps run in configuration order; \`order: 'pre'\` runs before and \`order: 'post'\` after the others, \`'first'\` and \`'last'\` before and after those too (for what watches). Hooks run in the order of this table.

| # | stage | hook | verb | timing | on failure | time-out | decodes | when |
| --: | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## Failure and time
\`fail-open\`: a tap that throws or is late is logged and passed over, as are all taps of hooks that only observe (but for \`onReady\`). \`fail-closed\`: the request fails with the error that the tap threw, or with
\`TKL_HOOK_FAILED\` or \`TKL_HOOK_TIMEOUT\`. A tap may choose for itself with \`onFailure\` and \`timeout\` (0 for none). The last argument of every asynchronous tap is
\`{ signal }\`, aborted when its time is over; what it answers later is ignored. The log names plugin and hook.

## What a tap costs
A hook that nobody taps costs nothing. \`modifyConversation\` and \`guardConversation\` make the gateway decode requests; as long as no tap answers with a new
conversation, the caller’s bytes still go upstream unchanged. \`openReply\` makes it decode and encode replies. All other hooks leave bodies alone.

## Values
Conversations, plans, attempts and upstream requests are readonly, and frozen in \`dev\` and in the testing kit. State that a plugin keeps for one request belongs in a \`WeakMap\` keyed
by the context.
`
}

function errorsPage() {
  const rows = Object.entries(errorTable).map(([code, { status, kind, meaning }]) => `| \`${code}\` | ${status} | ${kind} | ${meaning} |`)
  return `# Errors

This page is generated from \`core/errors.ts\` by \`npm run docs\`; do not edit it.

Every error of the gateway has one of these codes. A caller gets it in the envelope of its own protocol, with the code in the envelope’s \`code\` field where there is
one; before a protocol is known the envelope is \`{"error": {"message", "type", "code"}}\`. Every answer carries \`x-request-id\`, which stands in the ledger row and in
the log. An error of a provider keeps the provider’s status, type and message. Inside a stream an error is the protocol’s own error event, and nothing follows it.

| code | status | kind | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

Exit codes of the command line: 0 success, 1 failure, 64 wrong usage, 69 cannot listen, 78 configuration.
`
}

const pages = { 'hooks.md': hooksPage(), 'errors.md': errorsPage() }
const stale = Object.entries(pages).filter(([name, text]) => {
  try {
    return readFileSync(docs + name, 'utf8') !== text
  } catch {
    return true
  }
})

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`out of date: ${stale.map(([name]) => `docs/${name}`).join(', ')}; run "npm run docs"`)
    process.exit(1)
  }
} else for (const [name, text] of stale) writeFileSync(docs + name, text)
