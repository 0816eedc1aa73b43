// Keepers without processes: each is an object that a test moves by hand.
import type { FromKeeper, KeeperReport, KeeperState, ToKeeper } from '../../keep/messages.js'
import { noTotals } from '../../keep/messages.js'
import type { ProcessEvents, Spawn } from '../../supervise/spawn.js'

export class FakeKeeper {
  readonly pid: number
  readonly sent: ToKeeper[] = []
  readonly signals: string[] = []
  readonly #events: ProcessEvents<FromKeeper>

  constructor(pid: number, events: ProcessEvents<FromKeeper>) {
    this.pid = pid
    this.#events = events
  }

  say(message: FromKeeper): void {
    this.#events.message(message)
  }

  report(state: KeeperState, evicted = 0): void {
    this.say({ type: 'report', report: reportOf(state, evicted) })
  }

  die(code: number | null, signal: NodeJS.Signals | null): void {
    this.#events.exit(code, signal)
  }
}

export function reportOf(state: KeeperState, evicted = 0): KeeperReport {
  return {
    state,
    index: { entries: 3, bytes: 8_192, bytesMax: 100_000 },
    segments: { files: 2, bytes: 50_000, bytesMax: 700_000, keptBytes: 600_000 },
    disk: { bytes: 1_000_000, freeBytes: 400_000 },
    fills: null,
    purges: null,
    totals: { ...noTotals(), segmentsEvicted: evicted, segmentBytesEvicted: evicted * 1_000 },
    residentBytes: 60_000,
  }
}

/** A `Spawn` of fakes; `keepers` has them in the order of their start. */
export function fakeKeepers(): { spawn: Spawn<ToKeeper, FromKeeper>; keepers: FakeKeeper[] } {
  const keepers: FakeKeeper[] = []
  const spawn: Spawn<ToKeeper, FromKeeper> = events => {
    const keeper = new FakeKeeper(2_000 + keepers.length, events)
    keepers.push(keeper)
    return {
      pid: keeper.pid,
      send: message => void keeper.sent.push(message),
      kill: signal => {
        keeper.signals.push(signal)
        setImmediate(() => keeper.die(null, signal))
      },
    }
  }
  return { spawn, keepers }
}
