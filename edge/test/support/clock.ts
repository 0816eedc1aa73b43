// A clock that only a play moves: what this process takes for the wall clock. Timers and monotonic clocks go on, and
// the engine's own Date too.
import type { Test } from 'tap'

export interface FakeClock {
  /** Wall clock, milliseconds. */
  nowMs: number
  /** May be negative: somebody sets the clock back. */
  tick(seconds: number): void
  /** An instant `seconds` from now, in the form that senders write (RFC 9110 5.6.7). */
  date(seconds: number): string
}

/** Monday, 6 July 2026, 10:00:00 GMT. */
const start = Date.UTC(2026, 6, 6, 10)

/** Takes the place of `Date.now` until the test ends; before anything is started that keeps the real one. */
export function fakeClock(t: Test, startMs = start): FakeClock {
  const real = Date.now
  const clock: FakeClock = {
    nowMs: startMs,
    tick: seconds => {
      clock.nowMs += seconds * 1000
    },
    date: seconds => new Date(clock.nowMs + seconds * 1000).toUTCString(),
  }
  Date.now = () => clock.nowMs
  t.teardown(() => {
    Date.now = real
  })
  return clock
}
