import { createServer, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { steadyHits } from '../../host/steady-hits.js'
import { listenOn } from '../support/servers.js'

type Answer = (response: ServerResponse, number: number) => void

async function serve(t: Test, answer: Answer): Promise<number> {
  let number = 0
  const server = createServer((_, response) => answer(response, number++))
  t.teardown(() => server.closeAllConnections())
  return listenOn(t, server)
}

function good(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 2 }).end('ok')
}

t.test('steadyHits() asks a thousand times a second', async t => {
  const port = await serve(t, good)
  const { taken, failures } = await steadyHits(port, '/', 0.2)
  t.equal(taken.length, 200)
  t.equal(failures, 0)
  t.ok(taken.every(ms => ms > 0))
})

t.test('steadyHits() counts what waits behind slow ones', async t => {
  // All connections are taken by requests that are answered together, when nobody is free for the others.
  const held: ServerResponse[] = []
  const port = await serve(t, (response, number) => {
    if (number >= 32) return good(response)
    held.push(response)
    if (number === 31) setTimeout(() => held.forEach(good), 100)
  })
  const { taken, failures } = await steadyHits(port, '/', 0.1)
  t.equal(failures, 0)
  t.equal(taken.length, 100)
  t.ok(taken.filter(ms => ms > 30).length > 60, 'those that waited for a connection, too')
})

t.test('steadyHits() counts what fails, and goes on', async t => {
  const port = await serve(t, (response, number) => {
    if (number % 4 === 1) return void response.writeHead(503, { 'content-length': 0 }).end()
    // The connection ends without an answer.
    if (number % 4 === 2) return void response.destroy()
    // And behind an answer.
    response.setHeader('connection', 'close')
    good(response)
  })
  const { taken, failures } = await steadyHits(port, '/', 0.2)
  t.equal(taken.length + failures, 200)
  t.ok(failures >= 90 && failures <= 180, `${failures}`)
})

t.test('steadyHits() counts all when nobody is there', async t => {
  t.match(await steadyHits(1, '/', 0.1), { taken: [], failures: 100 })
})
