import type { Gateway, ListenAddress } from '../gateway.ts'
import { type CommandIo, styled } from './command-io.ts'
import { curlLine } from './curl-line.ts'
import { packageVersion } from './package-version.ts'

/** What people want to know when the gateway stands. On standard error: standard output is the log's. */
export async function printBanner(gateway: Gateway, address: ListenAddress, origin: string, io: CommandIo): Promise<void> {
  const style = (name: 'bold' | 'yellow' | 'dim', text: string) => styled(io, io.stderr, name, text)
  const facts: [string, string][] = [
    ['configuration', origin],
    ['providers', idsOf(gateway, 'provider')],
    ['ledger', idsOf(gateway, 'ledger')],
  ]
  const curl = await curlLine(gateway.registry, address.url)
  const lines = [
    '',
    `  ${style('bold', `tokligence ${packageVersion()}`)} listens on ${style('bold', address.url)}`,
    '',
    ...facts.map(([name, value]) => `  ${style('dim', name.padEnd(16))}${value}`),
    ...gateway.warnings.map((warning) => `  ${style('yellow', 'note'.padEnd(16))}${warning}`),
    ...(curl === undefined ? [] : ['', '  Try it:', '', `  ${curl}`]),
    '',
  ]
  io.stderr.write(`${lines.join('\n')}\n`)
}

function idsOf(gateway: Gateway, kind: 'provider' | 'ledger'): string {
  return (
    gateway.registry
      .all(kind)
      .map(([id]) => id)
      .join(', ') || 'none'
  )
}
