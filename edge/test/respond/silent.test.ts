import t from 'tap'
import { SilentResponder } from '../../respond/silent.js'

t.test('SilentResponder takes everything and says nothing', async t => {
  const responder = new SilentResponder()
  const head = { status: 200, block: Buffer.from('Age'), tail: '1' }
  let calls = 0
  responder.onEnd = responder.onDrain = () => {
    calls += 1
  }
  responder.hold()
  responder.send(head, Buffer.from('a'))
  responder.sendHead(head, 1)
  responder.open(head, 1)
  t.ok(responder.write(Buffer.from('a')), 'never asks to wait')
  t.equal(responder.offer(Buffer.from('ab')), 2, 'has always room')
  responder.end()
  responder.abort()
  responder.receive()
  responder.pause()
  responder.resume()
  t.match(responder, { state: 'ended', bodyBytesOut: 0 })
  t.equal(responder.fieldBytes('host') + responder.clientAddress(), '')
  t.equal(calls, 0)
})
