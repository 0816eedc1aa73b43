import t from 'tap'
import { type EjectionOptions, goodState, hostNowMs, OriginHealth } from '../../fetch/origin-health.js'

const options: EjectionOptions = {
  failures: 3,
  errorPercent: 50,
  windowMs: 1_000,
  requestsMin: 10,
  statuses: [503],
  ejectMs: 100,
  ejectMaxMs: 1_000,
  slowStartMs: 500,
}

t.test('failed() says so after so many in a row; one good answer begins anew', async t => {
  const health = new OriginHealth(options)
  t.strictSame([health.failed(1), health.failed(2)], [false, false])
  health.succeeded(3)
  t.strictSame([health.failed(4), health.failed(5), health.failed(6)], [false, false, true])
})

t.test('failed() says so when too many of a window fail', async t => {
  const health = new OriginHealth({ ...options, failures: 0 })
  const said: boolean[] = []
  for (let at = 0; at < 10; at += 1) {
    health.succeeded(at)
    said.push(health.failed(at))
  }
  t.equal(said.indexOf(true), 4, 'with the tenth answer')
  const late = new OriginHealth({ ...options, failures: 0 })
  for (let at = 0; at < 100; at += 1) t.notOk(late.failed(at * 500), 'too few in any window')
  const off = new OriginHealth({ ...options, failures: 0, errorPercent: 0 })
  for (let at = 0; at < 100; at += 1) t.notOk(off.failed(at))
})

t.test('ejection() is twice as long each time, and short again after a good while', async t => {
  const health = new OriginHealth(options)
  const times: number[] = []
  let nowMs = 1_000
  for (let at = 0; at < 6; at += 1) {
    health.state = health.ejection(nowMs)
    times.push(health.state.ejectedUntilMs - nowMs)
    nowMs = health.state.ejectedUntilMs + 10
  }
  t.strictSame(times, [100, 200, 400, 800, 1_000, 1_000])
  nowMs += 1_000
  t.equal(health.ejection(nowMs).ejectedUntilMs - nowMs, 100)
})

t.test('isAvailable() and share() of one that is ejected, comes back, and is back', async t => {
  const health = new OriginHealth(options)
  t.strictSame([health.isAvailable(0), health.share(0)], [true, 1])
  health.state = health.ejection(1_000)
  t.notOk(health.isAvailable(1_099))
  t.ok(health.isAvailable(1_100))
  t.strictSame([health.share(1_100), health.share(1_350), health.share(1_600)], [0.1, 0.5, 1])
  t.notOk(new OriginHealth({ ...options, slowStartMs: 0 }).share(5) < 1)
})

t.test('one failure is enough for one that has just come back', async t => {
  const health = new OriginHealth(options)
  health.state = health.ejection(1_000)
  t.ok(health.failed(1_200))
})

t.test('one that checks call down is not asked, and comes back slowly', async t => {
  const health = new OriginHealth(options)
  health.state = { ...goodState, isDown: true }
  t.notOk(health.isAvailable(10))
  health.state = { ...goodState, upSinceMs: 100 }
  t.ok(health.isAvailable(100))
  t.equal(health.share(100), 0.1)
  t.notOk(health.failed(110), 'it was never ejected')
})

t.test('hostNowMs() goes on as the clock of the host does', async t => {
  const [seconds, nanoseconds] = process.hrtime()
  t.ok(Math.abs(hostNowMs() - (seconds * 1_000 + nanoseconds / 1e6)) < 50)
})
