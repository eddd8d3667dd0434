import type { CommandDefinition, OptionDefinition } from './command.ts'

const helpOption: OptionDefinition = { flags: '-h, --help', description: 'Print this' }
const versionOption: OptionDefinition = { flags: '-v, --version', description: 'Print the version' }

export function formatGlobalHelp(version: string, commands: readonly CommandDefinition[]): string {
  return sections([
    [`tokligence ${version}`],
    ['Usage:', '  tokligence <command> [options]      (tgw is the same)'],
    ['Commands:', ...pairs(commands.map(({ name, description }) => [name, description]))],
    ['Options:', ...optionLines([helpOption, versionOption])],
    ['Examples:', '  tokligence init                     write a configuration', '  tokligence dev                      start, and follow its changes'],
    ['Plugins of the configuration may add commands: tokligence check lists them. Every command explains itself: tokligence <command> --help.'],
  ])
}

export function formatCommandHelp(command: CommandDefinition): string {
  return sections([
    [`${command.description}.`],
    ['Usage:', `  tokligence ${command.name}${command.takesArguments ? ' [arguments]' : ''} [options]`],
    ['Options:', ...optionLines([...command.options, helpOption])],
    command.examples.length > 0 ? ['Examples:', ...command.examples.map((example) => `  ${example}`)] : [],
  ])
}

function optionLines(options: readonly OptionDefinition[]): string[] {
  return pairs(
    options.map((option) => [option.flags, option.default === undefined ? option.description : `${option.description} (default: ${option.default})`]),
  )
}

function pairs(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

function sections(parts: readonly (readonly string[])[]): string {
  const texts = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${texts.join('\n\n')}\n`
}
