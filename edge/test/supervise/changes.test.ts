import t from 'tap'
import { Changes } from '../../supervise/changes.js'
import { deferred } from '../../supervise/deferred.js'

t.test('Changes.ask() does one after the other and lets one of each kind wait', async t => {
  const changes = new Changes<'a' | 'b'>()
  const gate = deferred()
  const done = deferred()
  const order: string[] = []
  changes.ask('a', async () => {
    order.push('a1')
    await gate.promise
  })
  await new Promise(setImmediate)
  changes.ask('a', async () => void order.push('a2'))
  changes.ask('a', async () => void order.push('a3'))
  changes.ask('b', async () => {
    order.push('b1')
    done.resolve()
  })
  t.strictSame(order, ['a1'])
  gate.resolve()
  await done.promise
  t.strictSame(order, ['a1', 'a2', 'b1'])
})
