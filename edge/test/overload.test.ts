import t from 'tap'
import { Overload } from '../overload.js'

const mebibyte = 1_048_576

function overloadOf() {
  const lines: [level: string, seen: unknown, text: string][] = []
  const log = {
    warn: (seen: unknown, text: string) => lines.push(['warn', seen, text]),
    info: (seen: unknown, text: string) => lines.push(['info', seen, text]),
  }
  const world = { nowMs: 1_000, bytes: mebibyte }
  const from = { now: () => world.nowMs, residentBytes: () => world.bytes }
  const limits = { loopLagMaxMs: 200, residentBytesMax: 10 * mebibyte }
  const overload = new Overload(limits, log as never, from)
  overload.start()
  t.teardown(() => overload.stop())
  /** Looks so often, each so late. */
  const look = (times: number, lagMs = 0): boolean => {
    for (let time = 0; time < times; time += 1) {
      world.nowMs += 100 + lagMs
      overload.look()
    }
    return overload.isActive
  }
  return { lines, world, look }
}

t.test('Overload is active when the loop lags on end, until it does not for a while', async t => {
  const { lines, look } = overloadOf()
  t.notOk(look(20, 200), 'that is allowed')
  t.notOk(look(4, 5_000), 'one long pause, or some, are none')
  t.notOk(look(1, 0))
  t.notOk(look(4, 300))
  t.ok(look(1, 300))
  t.ok(look(9, 0))
  t.ok(look(1, 300), 'again')
  t.ok(look(9, 0))
  t.notOk(look(1, 0))
  t.strictSame(
    lines.map(([level, , text]) => [level, text]),
    [
      ['warn', 'overloaded: new connections and misses are turned away'],
      ['info', 'no longer overloaded'],
    ],
    'once per change',
  )
  t.match(lines[0]![1], { lagMs: 300 })
})

t.test('Overload is active when memory is beyond its budget', async t => {
  const { world, look } = overloadOf()
  world.bytes = 10 * mebibyte
  t.notOk(look(10))
  world.bytes += 1
  t.ok(look(5))
  world.bytes = mebibyte
  t.notOk(look(10))
})
