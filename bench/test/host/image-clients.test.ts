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
  const run = keepAsking({ port: await listenOn(t, server), clients: 2, photographs: 2, width: 100 })
  while (asked.length < 8) await new Promise(setImmediate)
  const came = await run.stop()
  t.ok(came >= 2 && came <= asked.length / 2 + 1, `${came} of ${asked.length}`)
  t.equal(new Set(asked).size, asked.length)
  t.strictSame(asked.slice(0, 4), [
    '/0.jpg?w=99&format=avif',
    '/1.jpg?w=99&format=avif',
    '/0.jpg?w=98&format=avif',
    '/1.jpg?w=98&format=avif',
  ])
})
