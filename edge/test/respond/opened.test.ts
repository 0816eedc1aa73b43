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

t.test(
  'take() keeps short bodies of one turn apart, however many they are, and those of the next in their place',
  async t => {
    for (let turn = 0; turn < 3; turn += 1) {
      const all = Array.from({ length: 100 }, (_, at) => {
        const opened = new Opened(head, 16_000, false)
        const view = Buffer.alloc(16_000, at)
        t.ok(opened.take(view))
        view.fill(255)
        return opened
      })
      const sent: boolean[] = []
      for (const [at, opened] of all.entries()) {
        sendSoon({
          sendOpened: () => void sent.push(Buffer.from(opened.body).equals(Buffer.alloc(16_000, at))),
        })
      }
      await new Promise(setImmediate)
      t.strictSame(sent, Array(100).fill(true))
    }
  },
)

t.test('what is opened while others are sent is there when it is sent itself', async t => {
  const first = new Opened(head, 3, false)
  first.take(Buffer.from('abc'))
  let body = ''
  sendSoon({
    sendOpened: () => {
      const second = new Opened(head, 3, false)
      second.take(Buffer.from('def'))
      sendSoon({
        sendOpened: () => {
          body = Buffer.from(second.body).toString()
        },
      })
      const third = new Opened(head, 3, false)
      third.take(Buffer.from('ghi'))
    },
  })
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  t.equal(body, 'def')
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
