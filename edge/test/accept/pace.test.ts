import t from 'tap'
import { Pace } from '../../accept/pace.js'

/** What is looked at, each ten seconds: bytes since the last look, whether the client was told to wait. */
type Look = readonly [bytes: number, isHeldBack: boolean]

const cases: [row: string, looks: readonly Look[], slowAt: number | undefined][] = [
  [
    'just fast enough',
    [
      [5_000, false],
      [5_000, false],
    ],
    undefined,
  ],
  ['too slow', [[4_999, false]], 0],
  ['nothing', [[0, false]], 0],
  [
    'too slow later',
    [
      [9_000, false],
      [10, false],
    ],
    1,
  ],
  [
    'told to wait',
    [
      [0, true],
      [0, true],
    ],
    undefined,
  ],
  [
    'told to wait a moment ago',
    [
      [0, true],
      [0, false],
      [0, false],
    ],
    2,
  ],
]
for (const [row, looks, slowAt] of cases) {
  t.test(`Pace: ${row}`, async t => {
    const intervals: (() => void)[] = []
    const cleared: number[] = []
    const [set, clear] = [globalThis.setInterval, globalThis.clearInterval]
    t.teardown(() => Object.assign(globalThis, { setInterval: set, clearInterval: clear }))
    Object.assign(globalThis, {
      setInterval: (call: () => void, everyMs: number) => {
        t.equal(everyMs, 10_000)
        intervals.push(call)
        return { unref: () => intervals.length }
      },
      clearInterval: (timer: number) => cleared.push(timer),
    })
    const paced = { bytesIn: 0, isHeldBack: false }
    let at = -1
    let slow: number | undefined
    const pace = new Pace(paced, 500, () => {
      slow = at
    })
    for (const [bytes, isHeldBack] of looks) {
      at += 1
      paced.bytesIn += bytes
      paced.isHeldBack = isHeldBack
      if (slow === undefined) intervals[0]!()
    }
    t.equal(slow, slowAt)
    if (slowAt === undefined) pace.stop()
    t.strictSame(cleared, [1])
  })
}
