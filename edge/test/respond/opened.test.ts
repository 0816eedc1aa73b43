import t from 'tap'
import { Opened, sendSoon } from '../../respond/opened.js'

const head = { status: 200, block: Buffer.from('Age'), tail: '0' }

t.test('take() keeps a copy of a short body that comes whole, and nothing else', async t => {
  const opened = new Opened(head, 3, false)
  t.notOk(opened.take(Buffer.from('ab')))
  t.notOk(opened.hasBody)
  const view = Buffer.from('abc')
  t.ok(opened.take(view))
  view.fill('x')
  t.ok(opened.hasBody)
  t.equal(Buffer.from(opened.body).toString(), 'abc')
  t.notOk(new Opened(head, undefined, false).take(view), 'of unknown length')
  t.notOk(new Opened(head, 20_000, false).take(Buffer.alloc(20_000)), 'a long one')
})

t.test('take() keeps every piece of a body that must be whole', async t => {
  const opened = new Opened(head, 20_003, true)
  t.ok(opened.take(Buffer.alloc(20_000)))
  t.notOk(opened.hasBody)
  t.ok(opened.take(Buffer.from('abc')))
  t.ok(opened.hasBody)
  t.equal(Buffer.from(opened.body).subarray(-3).toString(), 'abc')
})

t.test('sendSoon() sends all of one turn at its end, in their order, and later ones in the next', async t => {
  const sent: string[] = []
  const later = { sendOpened: () => void sent.push('later') }
  sendSoon({
    sendOpened: () => {
      sent.push('first')
      sendSoon(later)
    },
  })
  sendSoon({ sendOpened: () => void sent.push('second') })
  t.strictSame(sent, [])
  await new Promise(setImmediate)
  t.strictSame(sent.slice(0, 2), ['first', 'second'])
  await new Promise(setImmediate)
  t.strictSame(sent, ['first', 'second', 'later'])
})
