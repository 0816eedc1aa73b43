import t from 'tap'
import { Opened, reserveForTurn, sendSoon, turnBuffer } from '../../respond/opened.js'

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

t.test(
  'take() keeps short bodies of one turn apart, however many they are, and those of the next in their place',
  async t => {
    for (let turn = 0; turn < 3; turn += 1) {
      const sent: boolean[] = []
      for (let at = 0; at < 100; at += 1) {
        const opened = new Opened(head, 16_000, false)
        const isWhole = () => Buffer.from(opened.body).equals(Buffer.alloc(16_000, at))
        // As the responder does: it is told of before its body comes.
        sendSoon({ sendOpened: () => void sent.push(isWhole()) })
        const view = Buffer.alloc(16_000, at)
        t.ok(opened.take(view))
        view.fill(255)
      }
      await new Promise(setImmediate)
      t.strictSame(sent, Array(100).fill(true))
    }
  },
)

t.test('what is opened while others are sent is there when it is sent itself', async t => {
  const bodies: string[] = []
  const open = (text: string, meanwhile?: () => void) => {
    const opened = new Opened(head, text.length, false)
    sendSoon({
      sendOpened: () => {
        meanwhile?.()
        bodies.push(Buffer.from(opened.body).toString())
      },
    })
    opened.take(Buffer.from(text))
  }
  open('abc', () => open('def'))
  open('ghi', () => open('jkl'))
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  t.strictSame(bodies, ['abc', 'ghi', 'def', 'jkl'])
})

t.test('reserveForTurn() begins anew when nothing waits, and says when there is no room', async t => {
  t.equal(reserveForTurn(10), 0)
  t.equal(reserveForTurn(10), 0)
  sendSoon({ sendOpened: () => {} })
  t.equal(reserveForTurn(10), 10)
  t.equal(reserveForTurn(turnBuffer.length), -1)
  t.equal(reserveForTurn(turnBuffer.length - 20), 20)
  t.equal(reserveForTurn(1), -1)
  await new Promise(setImmediate)
  t.equal(reserveForTurn(1), 0)
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
