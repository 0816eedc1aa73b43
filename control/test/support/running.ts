// What a sound edge says of itself, for those who judge it.
import type { Status } from '../../cli/doctor/admin.js'

/** Of its configuration. */
export const soundDigest = 'd'.repeat(64)

/** Wall clock of the tests that use it; the edge has been up for an hour. */
export const runningNowMs = Date.parse('2027-01-01T12:00:00Z')

export function soundStatus(other: Partial<Status> = {}): Status {
  const worker = { state: 'ready', generation: 1, restarts: 0, startedAt: '2027-01-01T11:00:01.000Z' }
  return {
    version: '1.2.3',
    pid: 10,
    configRevision: 1,
    configDigest: soundDigest,
    configReloads: 0,
    configReloadFailures: 0,
    uptimeMs: 3_600_000,
    workerDeaths: 0,
    listeners: [{ port: 8080 }],
    cache: { bytesMax: 2 ** 30 },
    workers: [
      { slot: 0, pid: 11, ...worker },
      { slot: 1, pid: 12, ...worker },
    ],
    generation: 1,
    keeper: { state: 'keeping', why: null, deaths: 0, reportAgeMs: 500, purges: { rules: 3 } },
    origins: [
      { site: 'shop', url: 'http://a.example', weight: 1, backup: false, state: 'good', reason: null },
    ],
    control: null,
    ...other,
  }
}
