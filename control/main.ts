#!/usr/bin/env node
// The program naij-control. Exit codes: 0 stopped, 1 bad configuration or arguments, 2 could not listen or open its state.
import './small-heap.js'

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseControl } from '../config/control.js'
import { formatProblems } from '../config/parse.js'
import { tellReady } from './manager.js'
import { startControl } from './start.js'
import { packageVersion } from './version.js'

const usage = 'Usage: naij-control --config FILE\n'

process.exit(await run(process.argv.slice(2)))

async function run(words: readonly string[]): Promise<number> {
  let file: string | undefined
  try {
    file = parseArgs({ args: [...words], options: { config: { type: 'string' } } }).values.config
  } catch (error) {
    return wrong(`${(error as Error).message}\n${usage}`)
  }
  if (file === undefined) return wrong(usage)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return wrong(`${file}: cannot be read: ${(error as Error).message}\n`)
  }
  const parsed = parseControl(text)
  if (!parsed.ok) return wrong(`${formatProblems(parsed.problems)}\n`)
  try {
    const control = await startControl(parsed.config, packageVersion())
    console.log(`naij-control ready ${control.url} pid=${process.pid}`)
    if (control.tokenFile !== undefined) console.log(`The first token, for admins: ${control.tokenFile}`)
    const tellStopping = tellReady(`listening on ${control.url}`)
    await new Promise(resolve => process.once('SIGTERM', resolve).once('SIGINT', resolve))
    tellStopping()
    await control.close()
    return 0
  } catch (error) {
    console.error(`naij-control: ${(error as Error).message}`)
    return 2
  }
}

function wrong(text: string): number {
  process.stderr.write(text)
  return 1
}
