// The torture itself: clients that never stop asking, disturbances at random moments, and at the end a look at what is left.
import { setTimeout as pause } from 'node:timers/promises'
import { exchange, type Manner } from './client.js'
import { contentOf, targetOf } from './content.js'
import { type Disturbance, disturb, disturbances } from './disturb.js'
import { type Habits, tortureHabits } from './habits.js'
import { faultOf } from './judge.js'
import type { Random } from './random.js'
import type { Health, Victim } from './victim.js'

export interface TortureOptions {
  victim: Victim
  random: Random
  seconds: number
  /** Requests at once. */
  clients: number
  /** Those of the torture when absent. */
  habits?: Habits
  /** Called when the edge has been started. */
  onStarted?: () => void
  say: (line: string) => void
}

export interface Report {
  requests: number
  whole: number
  cut: number
  left: number
  refused: number
  worstWaitMs: number
  disturbances: Record<Disturbance, number>
  /** At most `faultsMax` of them. */
  faults: string[]
  faultCount: number
}

const FAULTS_MAX = 50
/** collapseWaitMs, the origin's slowest answer, a stopped child, and a supervisor that starts anew. */
const WAIT_MS_MAX = 20_000
/** A disturbance may show so long after it: drains, starts. */
const AFTERMATH_MS = 12_000
const QUIET_MS_MAX = 30_000
/** Descriptors that a process may have more than right after its start: pooled connections, open segments, logs. */
const DESCRIPTORS_SLACK = 80

export class Torture {
  readonly #options: TortureOptions
  readonly #habits: Habits
  readonly #report: Report
  #endsAtMs = 0
  #lastDisturbedMs = Number.NEGATIVE_INFINITY
  #isDisturbing = false

  constructor(options: TortureOptions) {
    this.#options = options
    this.#habits = options.habits ?? tortureHabits()
    this.#report = {
      requests: 0,
      whole: 0,
      cut: 0,
      left: 0,
      refused: 0,
      worstWaitMs: 0,
      disturbances: Object.fromEntries(disturbances.map(name => [name, 0])) as Report['disturbances'],
      faults: [],
      faultCount: 0,
    }
  }

  async run(): Promise<Report> {
    const { victim, clients, seconds } = this.#options
    await victim.start()
    const before = await victim.health()
    this.#options.onStarted?.()
    this.#endsAtMs = performance.now() + seconds * 1_000
    await Promise.all([this.#disturbOften(), ...Array.from({ length: clients }, () => this.#askOften())])
    await this.#lookAround(before)
    return this.#report
  }

  async #disturbOften(): Promise<void> {
    const { victim, random, say } = this.#options
    for (;;) {
      await pause(this.#habits.betweenMs * (0.5 + random.next()))
      if (performance.now() >= this.#endsAtMs) return
      const what = this.#habits.disturbance(random)
      say(what)
      this.#report.disturbances[what] += 1
      this.#isDisturbing = true
      await disturb(what, victim, random)
      this.#isDisturbing = false
      this.#lastDisturbedMs = performance.now()
    }
  }

  async #askOften(): Promise<void> {
    while (performance.now() < this.#endsAtMs) {
      const { target, herd } = this.#habits.target(this.#options.random)
      await Promise.all(Array.from({ length: herd }, () => this.#ask(target)))
    }
  }

  async #ask(target: string): Promise<void> {
    const beganMs = performance.now()
    const x = await exchange(this.#options.victim.port, target, this.#manner(target))
    const report = this.#report
    report.requests += 1
    report[x.end] += 1
    report.worstWaitMs = Math.max(report.worstWaitMs, x.waitMs)
    const isDisturbed = this.#isDisturbing || this.#lastDisturbedMs + AFTERMATH_MS > beganMs
    const fault = faultOf(x, { waitMsMax: WAIT_MS_MAX, isDisturbed })
    if (fault !== undefined) this.#blame(`${x.method} ${target} ${x.range}: ${fault}`)
    // Nobody there: not as fast as one can.
    if (x.end === 'refused') await pause(100)
  }

  #manner(target: string): Manner {
    const { random } = this.#options
    const { bytes } = contentOf(target)
    const isPart = random.next() < 0.1 && bytes > 2
    const first = random.whole(Math.max(bytes, 1))
    return {
      method: random.next() < 0.05 ? 'HEAD' : 'GET',
      range: isPart ? `bytes=${first}-${first + random.whole(100_000)}` : '',
      kind: `${random.whole(3)}`,
      pauseMs: random.next() < 0.05 ? 20 : 0,
      leavesAfter: random.next() < 0.05 ? random.whole(1_000_000) : Number.POSITIVE_INFINITY,
    }
  }

  #blame(fault: string): void {
    this.#report.faultCount += 1
    if (this.#report.faults.length < FAULTS_MAX)
      this.#report.faults.push(`${fault}, ${new Date().toISOString()}`)
  }

  /** Nothing may be left over, an end must be in order, and what was stored must be there after it. */
  async #lookAround(before: Health): Promise<void> {
    const { victim } = this.#options
    const left = await this.#quiet()
    if (left !== '') this.#blame(left)
    const most = Math.max(...before.descriptors.values())
    for (const [pid, count] of (await victim.health()).descriptors) {
      if (count > most + DESCRIPTORS_SLACK)
        this.#blame(`process ${pid} has ${count} descriptors, ${most} at the start`)
    }
    const code = await victim.stop()
    if (code !== 0) this.#blame(`the end was not in order: exit code ${code}`)
    await victim.start()
    const target = targetOf(0, 't')
    const again = await exchange(victim.port, target, { ...plain })
    const fault = faultOf(again, { waitMsMax: WAIT_MS_MAX, isDisturbed: false })
    if (fault !== undefined) this.#blame(`after a restart: ${fault}`)
    await victim.stop()
  }

  /** '' when nothing is in progress any more, else what still is. */
  async #quiet(): Promise<string> {
    const endMs = performance.now() + QUIET_MS_MAX
    for (;;) {
      const { active, slotsInUse, logs } = await this.#options.victim.health()
      if (active === 0 && slotsInUse === 0 && logs.length === 0) return ''
      if (performance.now() > endMs) {
        return `left over: ${active} requests, ${slotsInUse} fill slots, ${logs.length} logs of fills`
      }
      await pause(200)
    }
  }
}

const plain: Manner = {
  method: 'GET',
  range: '',
  kind: '',
  pauseMs: 0,
  leavesAfter: Number.POSITIVE_INFINITY,
}
