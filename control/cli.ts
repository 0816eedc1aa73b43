#!/usr/bin/env node
// The program naijctl.
import { Shell } from './cli/context.js'
import { runCli } from './cli/run.js'
import { packageVersion } from './version.js'

const shell = new Shell(process.env, {
  print: text => void process.stdout.write(text),
  printError: text => void process.stderr.write(text),
})
// A pipe that was closed, such as that of head, is no failure.
process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1))
process.exitCode = await runCli(process.argv.slice(2), shell, packageVersion())
