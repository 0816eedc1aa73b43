import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { runOpenLoop } from '../../host/open-loop-client.js'
import { listenOn } from '../support/servers.js'

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** What comes on a connection is answered by `give`. */
async function serve(t: Test, give: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('data', () => give(socket))
    socket.on('error', () => {})
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  return await listenOn(t, server)
}

const at = (points: [number, number][], part: number) => points.find(([each]) => each === part)![1]

t.test('runOpenLoop() asks as often as it should', async t => {
  let asked = 0
  const port = await serve(t, socket => {
    asked += 1
    socket.write(ANSWER)
  })
  const beganMs = performance.now()
  const found = await runOpenLoop({
    port,
    target: '/',
    requestsPerSecond: 500,
    seconds: 0.4,
    connections: 4,
    warmUpSeconds: 0,
  })
  t.ok(performance.now() - beganMs >= 390)
  t.equal(asked, 200)
  t.match(found, { requests: 200, failures: 0 })
  t.ok(at(found.points, 0.5) < 50, `${at(found.points, 0.5)}`)
})

t.test('runOpenLoop() does not count its beginning', async t => {
  let asked = 0
  const port = await serve(t, socket => {
    asked += 1
    if (asked === 5) setTimeout(() => socket.write(ANSWER), 100)
    else socket.write(ANSWER)
  })
  const options = { target: '/', requestsPerSecond: 200, seconds: 0.2, connections: 1, warmUpSeconds: 0.3 }
  const found = await runOpenLoop({ ...options, port })
  t.equal(asked, 100)
  t.equal(found.requests, 40)
  t.ok(at(found.points, 1) < 80, `${at(found.points, 1)}`)
})

t.test('runOpenLoop() counts what waits behind a slow answer from when it was due', async t => {
  let asked = 0
  const port = await serve(t, socket => {
    asked += 1
    // One stall, of one connection that all have to go through.
    if (asked === 20) setTimeout(() => socket.write(ANSWER), 300)
    else socket.write(ANSWER)
  })
  const { points } = await runOpenLoop({
    port,
    target: '/',
    requestsPerSecond: 200,
    seconds: 0.5,
    connections: 1,
    warmUpSeconds: 0,
  })
  // A client that asks only after an answer would have one slow request in a hundred.
  t.ok(at(points, 0.75) > 100, `${at(points, 0.75)}`)
  t.ok(at(points, 1) >= 295, `${at(points, 1)}`)
})

t.test('runOpenLoop() counts failures', async t => {
  const port = await serve(t, socket => socket.write(ANSWER.replace('200', '503')))
  const options = { target: '/', requestsPerSecond: 100, seconds: 0.1, connections: 2, warmUpSeconds: 0 }
  t.match(await runOpenLoop({ ...options, port }), { requests: 10, failures: 10 })
})
