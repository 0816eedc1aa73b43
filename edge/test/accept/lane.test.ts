import t from 'tap'
import { Lane } from '../../accept/lane.js'

function laneOf() {
  const calls: string[] = []
  const lane = new Lane({
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    end: () => calls.push('end'),
  })
  const begun: number[] = []
  const take = (count: number, from = 0) => {
    for (let number = from; number < from + count; number += 1) lane.take(() => void begun.push(number))
  }
  return { lane, calls, begun, take }
}

t.test('Lane takes one request after the other', async t => {
  const { lane, calls, begun, take } = laneOf()
  take(3)
  t.strictSame(begun, [0])
  lane.done(false)
  lane.done(false)
  t.strictSame(begun, [0, 1, 2])
  lane.done(false)
  take(1, 3)
  t.strictSame(begun, [0, 1, 2, 3])
  t.strictSame(calls, [])
})

t.test('Lane stops its client while many wait', async t => {
  const { lane, calls, begun, take } = laneOf()
  take(40)
  t.strictSame(calls, ['pause'])
  for (let time = 0; time < 39; time += 1) lane.done(false)
  t.strictSame(calls, ['pause', 'resume'])
  t.equal(begun.length, 40)
})

t.test('Lane ends behind so many that nobody means them', async t => {
  const { lane, calls, begun, take } = laneOf()
  take(1_000)
  for (let time = 0; time < 257; time += 1) lane.done(false)
  t.equal(begun.length, 257)
  t.equal(calls.at(-1), 'end')
})

t.test('Lane takes nothing behind the last answer of a connection', async t => {
  const { lane, begun, take } = laneOf()
  take(3)
  lane.done(true)
  t.strictSame(begun, [0])
})

t.test('Lane tells who answers of what is no message, and ends behind what waits', async t => {
  const { lane, calls, begun, take } = laneOf()
  t.notOk(lane.misread(), 'nobody is there to be told')
  let told = 0
  take(1)
  lane.answerer = { onHalfClosed: () => {}, onMisread: () => (told += 1) }
  t.ok(lane.misread())
  t.ok(lane.misread())
  t.equal(told, 1)
  lane.done(false)
  t.strictSame(calls, ['end'])
  const other = laneOf()
  other.take(2)
  t.ok(other.lane.misread())
  other.lane.done(false)
  t.strictSame([other.begun, other.calls], [[0, 1], []], 'what came before it is answered')
  other.lane.done(false)
  t.strictSame(other.calls, ['end'])
  t.strictSame(begun, [0])
})
