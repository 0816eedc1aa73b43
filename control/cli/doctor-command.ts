// naijctl doctor: of the host it runs on; it asks no control and has no token.
import { type Command, CommanderError } from 'commander'
import { packageVersion } from '../version.js'
import { type Shell, UsageError } from './context.js'
import { diagnose } from './doctor/doctor.js'
import { findingsText, isTrouble } from './doctor/finding.js'

/** Not those of the other commands: a monitor has to tell what is to be changed from what was typed wrong. */
export const doctorCodes = { sound: 0, trouble: 1, usage: 2 } as const

interface DoctorWords {
  config: string
  root: string
  diskTest: boolean
  json?: boolean
}

export function doctorCommand(program: Command, shell: Shell): void {
  program
    .command('doctor')
    .description('looks at the edge of this host, its configuration, kernel, disk, certificates and origins')
    .option('-c, --config <file>', "the edge's configuration", '/etc/naijcloud/edge.json')
    .option('--root <directory>', 'what /proc, /sys and /run are below, such as of a mounted host', '/')
    .option('--no-disk-test', 'without the 64 MiB that are written to the disk of the cache and read')
    .addHelpText(
      'after',
      `\nExit codes: ${doctorCodes.sound} nothing to change, ${doctorCodes.trouble} something is warn or bad, ${doctorCodes.usage} wrong arguments or no configuration`,
    )
    .exitOverride(error => {
      throw usageOf(error)
    })
    .action((_: object, command: Command) => doctor(shell, command.optsWithGlobals<DoctorWords>()))
}

function usageOf(error: CommanderError): CommanderError {
  return error.exitCode === 0 ? error : new CommanderError(doctorCodes.usage, error.code, error.message)
}

async function doctor(shell: Shell, words: DoctorWords): Promise<void> {
  const { print, printError } = shell.streams
  try {
    const findings = await diagnose({ ...words, version: packageVersion() })
    print(words.json ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings))
    shell.exitCode = findings.some(isTrouble) ? doctorCodes.trouble : doctorCodes.sound
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    printError(`naijctl: ${error.message}\n`)
    shell.exitCode = doctorCodes.usage
  }
}
