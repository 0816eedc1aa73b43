// `npm run bench:host`: measures what the project promises of a whole host, prints it, and writes every sample as JSON.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { machineFacts } from '../machine.js'
import { Problem } from '../problem.js'
import { Processes } from '../processes.js'
import { collapse } from './collapse.js'
import { fill } from './fill.js'
import type { Measurement } from './measurement.js'
import { mesh } from './mesh.js'
import { slowReaders } from './slow-readers.js'

const MEASUREMENTS: readonly Measurement[] = [collapse, slowReaders, fill, mesh]

async function main(): Promise<number> {
  const { values, positionals } = readArguments()
  if (values.help) {
    console.log(help())
    return 0
  }
  const scale = {
    clients: wholeNumber('--clients', values.clients),
    rounds: wholeNumber('--rounds', values.rounds),
    seconds: wholeNumber('--seconds', values.seconds),
  }
  const processes = new Processes()
  const results: Record<string, unknown> = {}
  let isKept = true
  try {
    for (const measurement of chosen(positionals)) {
      console.log(`\n${measurement.name}: ${measurement.summary}`)
      const outcome = await measurement.run(processes, scale)
      for (const line of outcome.lines) console.log(`  ${line}`)
      results[measurement.name] = outcome
      isKept &&= outcome.isKept
    }
  } finally {
    await processes.stopAll()
  }
  if (values.out !== undefined) {
    await mkdir(dirname(values.out), { recursive: true })
    await writeFile(values.out, JSON.stringify({ machine: machineFacts(), scale, results }, null, 2))
  }
  return isKept ? 0 : 1
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        clients: { type: 'string', default: '1000' },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '10' },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new Problem((error as Error).message)
  }
}

function chosen(names: readonly string[]): Measurement[] {
  for (const name of names) {
    if (MEASUREMENTS.some(known => known.name === name)) continue
    throw new Problem(
      `no such measurement: ${name}; known are ${MEASUREMENTS.map(known => known.name).join(', ')}`,
    )
  }
  return MEASUREMENTS.filter(({ name }) => names.length === 0 || names.includes(name))
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return value
  throw new Problem(`${option}: ${text} is not a whole number from 1 to 10000`)
}

function help(): string {
  const lines = MEASUREMENTS.map(({ name, summary }) => `  ${name.padEnd(14)}${summary}`)
  return [
    'npm run bench:host -- [MEASUREMENT...] [--clients 1000] [--rounds 3] [--seconds 10] [--out FILE]',
    '',
    ...lines,
  ].join('\n')
}

main().then(
  code => {
    process.exitCode = code
  },
  error => {
    console.error(`bench:host: ${error instanceof Problem ? error.message : (error as Error).stack}`)
    process.exitCode = error instanceof Problem ? error.exitCode : 1
  },
)
