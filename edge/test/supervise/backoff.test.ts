import t from 'tap'
import { nextDelayMs } from '../../supervise/backoff.js'

t.test('nextDelayMs() starts at once, doubles while deaths are quick, and forgets', async t => {
  const cases: [name: string, last: number | undefined, livedMs: number, expected: number][] = [
    ['the first death of a slot', undefined, 5, 0],
    ['a quick second one', 0, 5, 100],
    ['a quick third one', 100, 9_999, 200],
    ['the longest pause', 800, 5, 1_000],
    ['the longest pause stays', 1_000, 5, 1_000],
    ['after ten seconds', 1_000, 10_000, 0],
  ]
  for (const [name, last, livedMs, expected] of cases)
    t.equal(nextDelayMs(last, livedMs, 1_000), expected, name)
})
