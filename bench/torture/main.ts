// `npm run torture`: kills, stops and reloads a running edge under load, and looks at every byte it answers.
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { Problem } from '../problem.js'
import { Processes } from '../processes.js'
import { startOrigin } from './origin.js'
import { randomFrom } from './random.js'
import { type Report, Torture } from './run.js'
import { Victim } from './victim.js'

const usage = 'npm run torture -- [--seconds 120] [--seed N] [--clients 48] [--workers 2]'

async function main(): Promise<number> {
  const { seconds, seed, clients, workers } = readOptions()
  console.log(`seed ${seed}`)
  const origin = await startOrigin()
  const processes = new Processes()
  const victim = new Victim(processes, `http://127.0.0.1:${(origin.address() as AddressInfo).port}`, workers)
  try {
    await victim.prepare()
    const say = (line: string): void => console.log(`${new Date().toISOString()} ${line}`)
    const report = await new Torture({ victim, random: randomFrom(seed), seconds, clients, say }).run()
    print(report, seed)
    return report.faultCount === 0 ? 0 : 1
  } finally {
    await processes.stopAll()
    origin.closeAllConnections()
    origin.close()
    victim.remove()
  }
}

function print({ faults, faultCount, disturbances, ...counts }: Report, seed: number): void {
  console.log(JSON.stringify(counts))
  console.log(JSON.stringify(disturbances))
  for (const fault of faults) console.log(`FAULT ${fault}`)
  console.log(faultCount === 0 ? 'no faults' : `${faultCount} faults; seed ${seed}`)
}

function readOptions() {
  const number = { type: 'string' } as const
  const options = { seconds: number, seed: number, clients: number, workers: number }
  let values: Partial<Record<keyof typeof options, string>>
  try {
    values = parseArgs({ options }).values
  } catch (error) {
    throw new Problem(`${(error as Error).message}\n${usage}`)
  }
  const whole = (name: keyof typeof options, otherwise: number, max: number): number => {
    const value = Number(values[name] ?? otherwise)
    if (Number.isInteger(value) && value >= 1 && value <= max) return value
    throw new Problem(`--${name}: ${values[name]} is not a whole number from 1 to ${max}\n${usage}`)
  }
  return {
    seconds: whole('seconds', 120, 86_400),
    seed: whole('seed', 1 + (Date.now() % 1_000_000), 2 ** 31),
    clients: whole('clients', 48, 1_000),
    workers: whole('workers', 2, 64),
  }
}

main().then(
  code => {
    process.exitCode = code
  },
  error => {
    console.error(`torture: ${error instanceof Problem ? error.message : (error as Error).stack}`)
    process.exitCode = error instanceof Problem ? error.exitCode : 1
  },
)
