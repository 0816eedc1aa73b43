// Results of a bench that was never run.
import { type CaseResult, type ScenarioResult, sumUp } from '../../compare.js'
import type { Sample } from '../../measure.js'
import type { Report } from '../../report.js'

/** Of one case: for each peer the microseconds of CPU of its rounds. */
export function caseOf(cpu: Record<string, number[]>): CaseResult {
  const samples = Object.entries(cpu).map(([peer, values]): [string, Sample[]] => [
    peer,
    values.map(micros => ({
      cpuMicrosecondsPerRequest: micros,
      systemMicrosecondsPerRequest: micros / 2,
      latency: { p50: micros, p99: 2 * micros, p999: 3 * micros },
      requests: 1000,
      requestsPerSecond: 1000 / micros,
      failures: 0,
      processesChanged: false,
    })),
  ])
  return sumUp({ name: '1 KB', target: '/', bodyBytes: 1024, connections: 64 }, new Map(samples))
}

export function resultOf(item: CaseResult, faults: string[] = []): ScenarioResult {
  const configurations = { edge: '{ "a": "<b>" }' }
  return { scenario: 'hit', summary: 'one hot key', cases: [item], configurations, faults }
}

export function reportOf(scenarios: ScenarioResult[], more: Partial<Report> = {}): Report {
  return {
    layout: 2,
    startedAt: '2026-01-05T08:00:01.234Z',
    machine: { cpuModel: 'some', cores: 2, memoryBytes: 2 ** 30, kernel: '6', node: 'v20' },
    load: 0.5,
    versions: { edge: '0.1.0' },
    rounds: [6, 20],
    secondsPerRound: 3,
    placement: {},
    request: [['Host', 'a']],
    budgets: {},
    scenarios,
    measurements: {},
    faults: [],
    notes: [],
    ...more,
  }
}
