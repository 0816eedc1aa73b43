import t from 'tap'
import { leaveWebSockets } from '../leave-web-sockets.js'

t.test('a thousand leave over the time given, the first at once; then it can be stopped', async t => {
  const open = new Set<{ leave(): void }>()
  const left: number[] = []
  const began = performance.now()
  for (let at = 0; at < 1_000; at += 1) {
    const one = {
      leave: () => {
        open.delete(one)
        left.push(performance.now() - began)
      },
    }
    open.add(one)
  }
  const stop = leaveWebSockets(open, 500)
  t.equal(left.length, 100, 'a tenth in each of ten steps')
  while (open.size > 0) await new Promise(resolve => setTimeout(resolve, 10))
  stop()
  t.equal(left.length, 1_000)
  t.ok(left.at(-1)! >= 400)
})

t.test('without time all leave at once; what comes later leaves at the next step', async t => {
  const open = new Set<{ leave(): void }>()
  const add = (): void => {
    const one = { leave: () => void open.delete(one) }
    open.add(one)
  }
  for (let at = 0; at < 50; at += 1) add()
  const stop = leaveWebSockets(open, 0)
  t.equal(open.size, 0)
  add()
  while (open.size > 0) await new Promise(resolve => setTimeout(resolve, 10))
  stop()
})
