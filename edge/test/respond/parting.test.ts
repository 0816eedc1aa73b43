import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { Parting } from '../../respond/parting.js'

const lingerMs = 5_000

function partingOf(t: Test) {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
  t.teardown(() => mock.timers.reset())
  const closed = { times: 0 }
  const parting = new Parting(() => {
    closed.times += 1
  })
  return { parting, closed, pass: (ms: number) => mock.timers.tick(ms) }
}

t.test('soon() closes in the next turn, once', async t => {
  const { parting, closed, pass } = partingOf(t)
  parting.soon()
  parting.soon()
  t.match([parting.isUnderWay, closed.times], [true, 0])
  pass(0)
  pass(lingerMs)
  t.match([parting.isUnderWay, closed.times], [false, 1])
})

t.test('later() closes when nothing happened for a while', async t => {
  const { parting, closed, pass } = partingOf(t)
  parting.later()
  pass(lingerMs - 1)
  parting.later()
  pass(lingerMs - 1)
  t.equal(closed.times, 0, 'the client has read some')
  pass(1)
  t.match([parting.isUnderWay, closed.times], [false, 1])
})

t.test('cancel(): what is closed already is not closed again', async t => {
  const { parting, closed, pass } = partingOf(t)
  parting.later()
  parting.soon()
  parting.cancel()
  pass(lingerMs)
  t.match([parting.isUnderWay, closed.times], [false, 0])
})
