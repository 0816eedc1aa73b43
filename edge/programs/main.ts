#!/usr/bin/env node
// The program naij-edge: the supervisor process. Everything is in supervise/command.ts; here is only this process.
import { writeSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../supervise/command.js'

const lostCodes: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EBADF', 'ENOSPC', 'EAGAIN'])

process.exit(
  await runCommand(process.argv.slice(2), {
    workerFile: beside('worker'),
    keeperFile: beside('keeper'),
    optimiserFile: beside('optimiser'),
    print: text => write(1, text),
    printError: text => write(2, text),
  }),
)

/** A program beside this file and of its kind: worker.js, or worker.ts when the sources themselves run. */
function beside(name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url))
}

function write(descriptor: number, text: string): void {
  try {
    writeSync(descriptor, text)
  } catch (error) {
    // Nobody reads it, it is closed, or its disk is full: that is no reason not to serve.
    if (!lostCodes.has((error as NodeJS.ErrnoException).code)) throw error
  }
}
