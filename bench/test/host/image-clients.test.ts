import { createServer } from 'node:http'
import t from 'tap'
import { keepAsking } from '../../host/image-clients.js'
import { listenOn } from '../support/servers.js'

t.test('keepAsking() asks for another form each time, and counts those that came', async t => {
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.writeHead(200, { 'Content-Type': asked.length % 2 === 0 ? 'image/avif' : 'image/jpeg' }).end('x')
  })
  t.teardown(() => server.closeAllConnections())
  let firsts = 0
  const what = { port: await listenOn(t, server), clients: 2, photographs: 2, width: 100 }
  const run = keepAsking(what, () => {
    firsts += 1
  })
  while (asked.length < 8) await new Promise(setImmediate)
  const came = await run.stop()
  t.equal(firsts, 1)
  t.ok(came >= 1 && came <= asked.length / 2, `${came} of ${asked.length}`)
  t.equal(new Set(asked).size, asked.length)
  t.strictSame(asked.slice(0, 4), [
    '/0.jpg?w=99&format=avif',
    '/1.jpg?w=99&format=avif',
    '/0.jpg?w=98&format=avif',
    '/1.jpg?w=98&format=avif',
  ])
})
