import type { CommandDefinition, CommandRunner, OptionDefinition } from './command.ts'

export interface BuiltInCommand extends CommandDefinition {
  /** Loaded on use, so that `--version` and `--help` answer at once. */
  readonly load: () => Promise<CommandRunner>
}

export const configOption: OptionDefinition = {
  flags: '-c, --config <file>',
  description: 'The configuration; gateway.config.ts (.mts, .js, .mjs) here when absent',
}
const jsonOption: OptionDefinition = { flags: '--json', description: 'Print JSON for programs' }

const listenOptions: readonly OptionDefinition[] = [
  configOption,
  { flags: '-p, --port <number>', description: 'Listen on this port instead of the configured one; 0 takes a free one' },
  { flags: '--host <address>', description: 'Listen on this address instead of the configured one' },
]

export const builtInCommands: readonly BuiltInCommand[] = [
  {
    name: 'start',
    description: 'Start the gateway',
    options: listenOptions,
    examples: ['tokligence start', 'tokligence start --port 9000', 'tokligence start --config /etc/tokligence/gateway.config.ts'],
    load: async () => (await import('./commands/start.ts')).start,
  },
  {
    name: 'dev',
    description: 'Start the gateway, and take over every change of the configuration, of what it imports and of .env',
    options: listenOptions,
    examples: ['tokligence dev', 'tokligence dev --port 0'],
    load: async () => (await import('./commands/dev.ts')).dev,
  },
  {
    name: 'check',
    description: 'Tell what is wrong with the configuration, or list its plugins',
    options: [configOption, jsonOption],
    examples: ['tokligence check', 'tokligence check --json'],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'init',
    description: 'Write a commented gateway.config.ts and .env.example into this folder',
    options: [{ flags: '-f, --force', description: 'Overwrite files that are there' }],
    examples: ['tokligence init', 'tokligence init --force'],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    name: 'usage',
    description: 'Print what the ledger has recorded',
    options: [
      configOption,
      { flags: '--since <time>', description: 'Only from then on: 90m, 24h, 7d, 4w ago, or a date such as 2026-01-31 or 2026-01-31T08:00Z' },
      { flags: '--by <what>', description: 'One line per model, provider, principal or day', default: 'model' },
      jsonOption,
    ],
    examples: ['tokligence usage', 'tokligence usage --since 24h --by provider', 'tokligence usage --since 2026-01-01 --by day --json'],
    load: async () => (await import('./commands/usage.ts')).usage,
  },
  {
    name: 'requests',
    description: 'Print the newest requests of the ledger, or all of one with what its translation lost',
    options: [
      configOption,
      { flags: '--id <id>', description: 'This one, with every loss: its id here, or what x-request-id said' },
      { flags: '--since <time>', description: 'Only from then on, as for usage' },
      { flags: '--limit <number>', description: 'This many at most; up to 1000', default: 20 },
      jsonOption,
    ],
    examples: ['tokligence requests', 'tokligence requests --since 1h --limit 100', 'tokligence requests --id 019a2f3c-0000-7000-8000-000000000000 --json'],
    load: async () => (await import('./commands/requests.ts')).requests,
  },
]
