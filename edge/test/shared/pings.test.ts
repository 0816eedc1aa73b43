import t from 'tap'
import { Pings } from '../../shared/pings.js'

t.test('ask() gives the time to its own answer', async t => {
  const pings = new Pings()
  const values: number[] = []
  const send = (value: number) => values.push(value) > 0
  const [first, second] = [pings.ask(send), pings.ask(send)]
  t.strictSame(values, [0, 1])
  pings.answered(7)
  pings.answered(1)
  pings.answered(0)
  for (const us of await Promise.all([first, second])) t.ok(us !== undefined && us > 0)
  pings.answered(0)
})

t.test('ask() of what cannot be sent, or is not answered, is undefined', async t => {
  const pings = new Pings(10)
  t.equal(await pings.ask(() => false), undefined)
  t.equal(await pings.ask(() => true), undefined)
})
