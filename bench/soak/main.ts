// `npm run soak`: an edge under mixed load for a long time, with purges, reloads, changes of its configuration and killed
// workers now and then: every byte is looked at, and whether memory or descriptors grow.
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { processTree } from '../cpu.js'
import { Problem } from '../problem.js'
import { runProgram } from '../run-program.js'
import { startOrigin } from '../torture/origin.js'
import { randomFrom } from '../torture/random.js'
import { Torture } from '../torture/run.js'
import { Victim } from '../torture/victim.js'
import { soakHabits } from './habits.js'
import { type Growth, growthOf, type Look, look } from './memory-watch.js'

const USAGE = 'npm run soak -- [--seconds 600] [--seed N] [--clients 24] [--workers 2] [--between 10]'
const LOOK_MS = 1_000
/** Over the time in which it was looked at. */
const GROWTH_PART_MAX = 0.1
/** The judgement of a shorter run says nothing: it is still warming up. */
const JUDGED_SECONDS_MIN = 300
const SAID_EVERY = 30

await runProgram('soak', async processes => {
  const { seconds, seed, clients, workers, between } = readOptions()
  console.log(`seed ${seed}, ${seconds} seconds`)
  const origin = await startOrigin()
  const victim = new Victim(processes, `http://127.0.0.1:${(origin.address() as AddressInfo).port}`, workers)
  const looks: Look[] = []
  let timer: NodeJS.Timeout | undefined
  const watch = (): void => {
    const beganMs = performance.now()
    timer = setInterval(() => {
      const seen = look(processTree(victim.pid), (performance.now() - beganMs) / 1_000)
      looks.push(seen)
      if (looks.length % SAID_EVERY === 0) console.log(describe(seen))
    }, LOOK_MS)
  }
  const endsIn = (secondsLeft: number) => setTimeout(() => clearInterval(timer), secondsLeft * 1_000)
  try {
    await victim.prepare()
    const options = {
      victim,
      random: randomFrom(seed),
      seconds,
      clients,
      habits: soakHabits(between * 1_000),
    }
    const onStarted = (): void => {
      watch()
      // What comes after the load is not judged.
      endsIn(seconds)
    }
    const report = await new Torture({ ...options, onStarted, say: () => {} }).run()
    const { faults, faultCount, disturbances, ...counts } = report
    console.log(JSON.stringify({ ...counts, ...disturbances }))
    for (const fault of faults) console.log(`FAULT ${fault}`)
    const grows = judge(looks, seconds)
    console.log(faultCount === 0 && !grows ? 'no faults' : `${faultCount} faults; seed ${seed}`)
    return faultCount === 0 && !grows ? 0 : 1
  } finally {
    clearInterval(timer)
    await processes.stopAll()
    origin.closeAllConnections()
    origin.close()
    victim.remove()
  }
})

/** Prints how memory and descriptors went; true when one of them grows. */
function judge(looks: readonly Look[], seconds: number): boolean {
  const found: [name: string, growth: Growth | undefined, unit: number][] = [
    ['anonymous memory, MiB', growthOf(looks, each => each.bytes), 2 ** 20],
    ['descriptors', growthOf(looks, each => each.descriptors), 1],
  ]
  let grows = false
  for (const [name, growth, unit] of found) {
    if (growth === undefined || seconds < JUDGED_SECONDS_MIN) {
      console.log(`${name}: too short a time to judge (${JUDGED_SECONDS_MIN} s)`)
      continue
    }
    const isMore = growth.part > GROWTH_PART_MAX
    grows ||= isMore
    const part = `${(growth.part * 100).toFixed(1)}% (<= ${GROWTH_PART_MAX * 100}%)`
    console.log(`${name}: ${(growth.middle / unit).toFixed(0)}, grows by ${part}${isMore ? ' GROWS' : ''}`)
  }
  return grows
}

function describe({ seconds, bytes, descriptors, processes }: Look): string {
  return `${seconds.toFixed(0)} s: ${(bytes / 2 ** 20).toFixed(0)} MiB, ${descriptors} descriptors, ${processes} processes`
}

function readOptions() {
  const text = { type: 'string' } as const
  const options = { seconds: text, seed: text, clients: text, workers: text, between: text }
  let values: Partial<Record<keyof typeof options, string>>
  try {
    values = parseArgs({ options }).values
  } catch (error) {
    throw new Problem(`${(error as Error).message}\n${USAGE}`)
  }
  const whole = (name: keyof typeof options, otherwise: number, max: number): number => {
    const value = Number(values[name] ?? otherwise)
    if (Number.isInteger(value) && value >= 1 && value <= max) return value
    throw new Problem(`--${name}: ${values[name]} is not a whole number from 1 to ${max}\n${USAGE}`)
  }
  return {
    seconds: whole('seconds', 600, 86_400),
    seed: whole('seed', 1 + (Date.now() % 1_000_000), 2 ** 31),
    clients: whole('clients', 24, 1_000),
    workers: whole('workers', 2, 64),
    between: whole('between', 10, 3_600),
  }
}
