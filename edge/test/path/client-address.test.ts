// Plays: whose address an origin is told, connection after connection.
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { always, play } from '../support/play.js'

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Sends a request and waits for the answer's body. */
function askOver(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const take = (bytes: Buffer): void => {
      text += bytes.toString('latin1')
      if (!text.endsWith('\r\n\r\nok')) return
      socket.off('data', take).off('error', reject)
      resolve()
    }
    socket.on('data', take).on('error', reject)
    socket.write(request)
  })
}

t.test(
  'each connection has its own address, also when it comes in the place of one that is gone',
  async t => {
    const { edge, origin } = await play(
      t,
      always(200, { 'Cache-Control': 'no-store', 'Content-Length': '2' }, 'ok'),
    )
    const expected: string[] = []
    for (let at = 2; at < 22; at += 1) {
      const localAddress = `127.0.0.${at}`
      const socket = connect({ host: '127.0.0.1', port: edge.port, localAddress })
      for (let time = 0; time < 2; time += 1) {
        await askOver(socket)
        expected.push(localAddress)
      }
      socket.destroy()
      await new Promise(resolve => socket.once('close', resolve))
    }
    t.strictSame(
      origin.asked.map(({ headers }) => headers['x-forwarded-for']),
      expected,
    )
  },
)

t.test('of two connections that are open at once, too', async t => {
  const { edge, origin } = await play(
    t,
    always(200, { 'Cache-Control': 'no-store', 'Content-Length': '2' }, 'ok'),
  )
  const addresses = ['127.0.0.5', '127.0.0.6']
  const sockets = addresses.map(localAddress => connect({ host: '127.0.0.1', port: edge.port, localAddress }))
  for (let time = 0; time < 3; time += 1) for (const socket of sockets) await askOver(socket)
  for (const socket of sockets) socket.destroy()
  t.strictSame(
    origin.asked.map(({ headers }) => headers['x-forwarded-for']),
    [...addresses, ...addresses, ...addresses],
  )
})
