// What shells complete of naijctl: its commands and options, from the commands themselves.
import type { Command } from 'commander'
import { UsageError } from './context.js'

export function completion(shell: string, program: Command): string {
  switch (shell) {
    case 'bash':
      return bash(program)
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(program)}`
    case 'fish':
      return fish(program)
    default:
      throw new UsageError(`${shell} is none of bash, zsh, fish`)
  }
}

function wordsOf(command: Command): string {
  return [...command.commands.map(each => each.name()), ...optionsOf(command)].join(' ')
}

function optionsOf(command: Command): string[] {
  return command.options.map(({ long }) => long ?? '').filter(long => long !== '')
}

/** Of the command before the cursor; two deep, as they are. */
function bash(program: Command): string {
  const cases = program.commands.flatMap(command => [
    `    "${command.name()}") words="${wordsOf(command)}" ;;`,
    ...command.commands.map(inner => `    "${command.name()} ${inner.name()}") words="${wordsOf(inner)}" ;;`),
  ])
  return `_naijctl() {
  local path="" word words="${wordsOf(program)}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -* ]] || path="\${path:+$path }$word"; done
  while [[ -n $path ]]; do
    case "$path" in
${cases.map(line => `  ${line}`).join('\n')}
      *) if [[ $path == *" "* ]]; then path="\${path% *}"; continue; fi ;;
    esac
    break
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _naijctl naijctl
`
}

function fish(program: Command): string {
  const line = (condition: string, command: Command) =>
    `complete -c naijctl -f -n '${condition}' -a ${command.name()} -d '${command.description().replaceAll("'", '')}'`
  const lines = program.commands.flatMap(command => [
    line('__fish_use_subcommand', command),
    ...command.commands.map(inner => line(`__fish_seen_subcommand_from ${command.name()}`, inner)),
  ])
  return `${lines.join('\n')}\n`
}
