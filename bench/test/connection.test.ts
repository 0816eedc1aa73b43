import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Connection } from '../connection.js'
import { listenOn } from './support/servers.js'

/** Answers each request by the next of `answers`, in the pieces given. */
async function serve(t: Test, answers: string[][]): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('data', async () => {
      for (const piece of answers.shift() ?? []) {
        socket.write(piece)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    })
    socket.on('error', () => {})
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  return await listenOn(t, server)
}

function ask(connection: Connection): Promise<[number, number]> {
  return new Promise(resolve =>
    connection.ask(Buffer.from('GET / HTTP/1.1\r\n\r\n'), (status, bytes) => resolve([status, bytes])),
  )
}

t.test('a connection counts answers, however they are cut', async t => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
  const port = await serve(t, [
    [`${head}abcde`],
    ['HTTP/1.1 ', '206 P\r\ncontent-length: 3\r', '\n\r\na', 'b', 'c'],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n'],
    ['HTTP/1.1 204 No Content\r\n\r\n'],
    [`${head}abcde`],
  ])
  const connection = await Connection.open(port)
  for (const expected of [
    [200, 5],
    [206, 3],
    [304, 0],
    [204, 0],
    [200, 5],
  ]) {
    t.strictSame(await ask(connection), expected)
  }
  t.ok(connection.isOpen)
  connection.close()
})

t.test('a connection is lost over what it does not understand, and stays so', async t => {
  for (const answer of [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab',
    'x'.repeat(17_000),
  ]) {
    const connection = await Connection.open(await serve(t, [[answer]]))
    t.strictSame(await ask(connection), [0, 0], answer.slice(0, 60))
    t.notOk(connection.isOpen)
    t.strictSame(await ask(connection), [0, 0])
  }
})

t.test('open() rejects where nobody listens', async t => {
  const server = createServer()
  const port = await listenOn(t, server)
  await new Promise(resolve => server.close(resolve))
  await t.rejects(Connection.open(port), { code: 'ECONNREFUSED' })
})
