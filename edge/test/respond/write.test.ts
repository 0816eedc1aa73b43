import t from 'tap'
import { sendSoon, turnBuffer } from '../../respond/opened.js'
import { connectRaw } from '../support/client.js'
import { startUws } from './engines.js'
import { responderContract } from './responder-contract.js'

responderContract(t, startUws)

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

// A connection that closes keeps the last byte that came back, and with the first one the head, which others of later turns
// must not write over.
t.test('a head that lasts for its turn only is what it was, however late it goes', async t => {
  const { port } = await startUws(t, {
    stalled: { used: 0, max: 1_000_000, broken: 0 },
    handle: ({ responder }) => {
      setImmediate(() => {
        responder.closeAfter = true
        const block = turnBuffer.subarray(0, turnBuffer.write('X-A: own\r\nX-B'))
        responder.open({ status: 200, block, tail: 'too', lasts: 'turn' }, undefined)
        responder.write(Buffer.from('a'))
        // The next turn is another's.
        setImmediate(() => {
          sendSoon({ sendOpened: () => {} })
          turnBuffer.fill('?', 0, 64)
          setTimeout(() => responder.end(), 5)
        })
      })
    },
  })
  const client = await connectRaw(port)
  client.write(request)
  const received = await client.until('\r\n0\r\n')
  t.match(received, /\r\nX-A: own\r\nX-B: too\r\n/)
  t.notMatch(received, /\?/)
  client.socket.destroy()
})
