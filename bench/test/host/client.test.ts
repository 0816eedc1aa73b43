import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { type Client, connectClients } from '../../host/client.js'
import { plainBytes } from '../../origin/serve.js'
import { listenOn } from '../support/servers.js'

const body = plainBytes(100_000)
const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`

/** A client and the server's side of its connection, after its request has come. */
async function converse(t: Test): Promise<{ client: Client; socket: Socket; request: string }> {
  const server = createServer()
  const connection = once(server, 'connection')
  const [client] = await connectClients(await listenOn(t, server), 1, body)
  const [socket] = (await connection) as [Socket]
  t.teardown(() => socket.destroy())
  // A client that is done with an answer does not read the rest of it.
  socket.on('error', () => socket.destroy())
  client!.ask('/x')
  const [request] = await once(socket, 'data')
  return { client: client!, socket, request: String(request) }
}

t.test('a client asks like a browser and reads a whole answer, however it is cut', async t => {
  const { client, socket, request } = await converse(t)
  t.match(request, /^GET \/x HTTP\/1\.1\r\nHost: www\.bench\.example\r\n[\s\S]*\r\n\r\n$/)
  t.equal(client.firstByteMs, Number.POSITIVE_INFINITY)
  socket.write(HEAD.slice(0, 20))
  socket.write(HEAD.slice(20) + body.subarray(0, 1).toString('latin1'), 'latin1')
  await client.begun()
  t.equal(client.state, 'reading')
  t.ok(client.firstByteMs < Number.POSITIVE_INFINITY)
  socket.write(body.subarray(1))
  await client.ended()
  t.match(client, { state: 'whole', bodyBytes: body.length })
})

t.test('a client is broken by a wrong byte, another status, an endless head, an early end', async t => {
  const wrong = Buffer.from(body)
  wrong[70_000]! ^= 1
  const answers: [name: string, answer: Buffer][] = [
    ['wrong', Buffer.concat([Buffer.from(HEAD), wrong])],
    ['too much', Buffer.concat([Buffer.from(HEAD), body, Buffer.from('x')])],
    ['status', Buffer.from('HTTP/1.1 503 Service Unavailable\r\n\r\n')],
    ['endless', Buffer.alloc(20_000, 'x')],
    ['early', Buffer.concat([Buffer.from(HEAD), body.subarray(1)])],
    ['nothing', Buffer.alloc(0)],
  ]
  for (const [name, answer] of answers) {
    const { client, socket } = await converse(t)
    socket.end(answer)
    await Promise.all([client.begun(), client.ended()])
    t.equal(client.state, 'broken', name)
  }
})

t.test('a client reads no further than it is allowed, but for one piece', async t => {
  const { client, socket } = await converse(t)
  client.allow(1)
  socket.write(HEAD)
  socket.write(body)
  await client.begun()
  t.ok(client.bodyBytes <= 65_536, `${client.bodyBytes}`)
  t.equal(client.state, 'reading')
  client.allow(body.length)
  await client.ended()
  t.equal(client.state, 'whole')
})

t.test('a client that leaves is not broken', async t => {
  const { client, socket } = await converse(t)
  client.leave()
  await once(socket, 'close')
  t.equal(client.state, 'reading')
})

t.test('connectClients() says when nobody is there', async t => {
  const server = createServer()
  const port = await listenOn(t, server)
  server.close()
  await once(server, 'close')
  await t.rejects(connectClients(port, 3, body), { message: /cannot connect to port \d+: .*ECONNREFUSED/ })
})
