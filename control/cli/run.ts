// naijctl: words in, exit code out.
import { Command, CommanderError } from 'commander'
import { ApiError } from '../client/client.js'
import { activateCommands } from './activate-commands.js'
import { completion } from './completion.js'
import { exitCodes, type Shell, UsageError } from './context.js'
import { doctorCommand } from './doctor-command.js'
import { otherCommands } from './other-commands.js'
import { purgeCommands } from './purge-commands.js'
import { siteCommands } from './site-commands.js'
import { stateCommands } from './state-commands.js'
import { streamCommands } from './stream-commands.js'
import { usageCommands } from './usage-commands.js'

/** `words`: behind the program's name. */
export async function runCli(words: readonly string[], shell: Shell, version: string): Promise<number> {
  const { printError } = shell.streams
  const program = programOf(shell, version)
  try {
    await program.parseAsync([...words], { from: 'user' })
    return shell.exitCode
  } catch (error) {
    return explain(error, printError)
  }
}

function programOf(shell: Shell, version: string): Command {
  const program = new Command('naijctl')
  const { print, printError } = shell.streams
  // Commands are made of it as it is then.
  program.exitOverride().configureOutput({ writeOut: print, writeErr: printError })
  program
    .description('asks NaijCloud control')
    .version(version)
    .option('--control <url>', 'where control is', process.env.NAIJCTL_URL ?? 'http://127.0.0.1:8090')
    .option(
      '--token-file <file>',
      'a file with the token; else NAIJCTL_TOKEN, else ./var/control/admin-token',
    )
    .option('--json', 'for programs')
  siteCommands(program, shell)
  activateCommands(program, shell)
  purgeCommands(program, shell)
  usageCommands(program, shell)
  otherCommands(program, shell)
  streamCommands(program, shell)
  stateCommands(program, shell)
  doctorCommand(program, shell)
  program
    .command('completion <shell>')
    .description('for bash, zsh or fish: source <(naijctl completion bash)')
    .action((name: string) => shell.streams.print(completion(name, program)))
  const codes = `0 done, 1 wrong arguments, 2 control does not answer, 3 control refuses, 4 begun, but not everywhere in time; doctor has its own`
  program.addHelpText('after', `\nExit codes: ${codes}`)
  return program
}

function explain(error: unknown, printError: (text: string) => void): number {
  // 0 for help, 1 for wrong arguments, or what the command has made of it.
  if (error instanceof CommanderError) return error.exitCode
  if (error instanceof UsageError) {
    printError(`naijctl: ${error.message}\n`)
    return exitCodes.usage
  }
  if (error instanceof ApiError) {
    const { title, status, detail, errors } = error.problem
    printError(`naijctl: ${title} (${status}): ${detail}\n`)
    for (const fault of errors) printError(`  ${fault.pointer}: ${fault.detail}\n`)
    return exitCodes.refused
  }
  // fetch says why in its cause.
  const { message, cause } = error as Error
  printError(`naijctl: control does not answer: ${(cause as Error | undefined)?.message || message}\n`)
  return exitCodes.unreachable
}
