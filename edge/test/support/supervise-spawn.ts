// Workers without processes: each one is an object that a test moves by hand or that answers like a sound worker.

import type { Explained } from '../../explain/explanation.js'
import { noCounters } from '../../supervise/counters.js'
import type { FromWorker, ToWorker } from '../../supervise/messages.js'
import type { ProcessEvents, Spawn } from '../../supervise/spawn.js'

export class FakeWorker {
  readonly pid: number
  readonly sent: ToWorker[] = []
  readonly signals: string[] = []
  gone = false
  readonly #events: ProcessEvents

  constructor(pid: number, events: ProcessEvents) {
    this.pid = pid
    this.#events = events
  }

  say(message: FromWorker): void {
    this.#events.message(message)
  }

  die(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.gone) return
    this.gone = true
    this.#events.exit(code, signal)
  }
}

/** How a fake worker takes a message; the default does what a sound one does. */
export type Manner = (worker: FakeWorker, message: ToWorker) => void

/** What a sound fake says to every question. */
export const explainedBySound: Explained = {
  ok: false,
  fault: { code: 'fake', message: 'a fake has no cache', expected: 'a worker' },
}

export const sound: Manner = (worker, message) => {
  switch (message.type) {
    case 'start':
      return worker.say({ type: 'ready', ports: [] })
    case 'prepare':
      return worker.say({ type: 'prepared', id: message.id })
    case 'commit':
      return worker.say({ type: 'committed', id: message.id })
    case 'report':
      return worker.say({
        type: 'report',
        id: message.id,
        report: { counters: { ...noCounters(), requests: 10, cacheEntries: 5 }, residentBytes: 1_000 },
      })
    case 'explain':
      return worker.say({ type: 'explained', id: message.id, explained: explainedBySound })
    case 'drain':
      return worker.die(0, null)
    case 'discard':
      return
  }
}

/** A `Spawn` of fakes; `workers` has them in the order of their start. Killing one works as in life. */
export function fakeSpawn(manner: Manner = sound): { spawn: Spawn; workers: FakeWorker[] } {
  const workers: FakeWorker[] = []
  const spawn: Spawn = events => {
    const worker = new FakeWorker(1_000 + workers.length, events)
    workers.push(worker)
    return {
      pid: worker.pid,
      send: message => {
        worker.sent.push(message)
        setImmediate(() => {
          if (!worker.gone) manner(worker, message)
        })
      },
      kill: signal => {
        worker.signals.push(signal)
        setImmediate(() => worker.die(null, signal))
      },
    }
  }
  return { spawn, workers }
}
