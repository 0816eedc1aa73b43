import { createServer } from 'node:http'
import t from 'tap'
import { askMany, requestFor } from '../ask-many.js'
import { listenOn } from './support/servers.js'

t.test("requestFor() has the browser's fields and further ones", async t => {
  const text = requestFor({ target: '/a', fields: { Range: 'bytes=0-1' } }).toString()
  t.match(text, /^GET \/a HTTP\/1\.1\r\nHost: [\s\S]*\r\nRange: bytes=0-1\r\n\r\n$/)
  t.equal(text.split('\r\n').length, 16)
})

t.test('askMany() asks for all over a few connections, and stops at what is thrown', async t => {
  const connections = new Set<unknown>()
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    connections.add(request.socket)
    response.end(
      'x'.repeat(Number(request.url!.slice(1)) + (request.headers.range === undefined ? 0 : 1_000)),
    )
  })
  const url = `http://127.0.0.1:${await listenOn(t, server)}`
  const all = Array.from({ length: 200 }, (_, number) => ({
    target: `/${number}`,
    ...(number === 3 && { fields: { Range: 'bytes=0-1' } }),
  }))
  const got: number[] = []
  await askMany(url, all, ({ status, bodyBytes }, at) => {
    t.equal(status, 200)
    got[at] = bodyBytes
  })
  t.strictSame(
    got,
    all.map((_, at) => at + (at === 3 ? 1_000 : 0)),
  )
  t.ok(connections.size <= 16)
  asked = 0
  const failing = askMany(url, all, () => {
    throw new Error('enough')
  })
  await t.rejects(failing, { message: 'enough' })
  t.ok(asked <= 32, `${asked}`)
})

t.test('askMany() says what is not answered', async t => {
  const server = createServer(request => request.socket.destroy())
  const url = `http://127.0.0.1:${await listenOn(t, server)}`
  await t.rejects(
    askMany(url, [{ target: '/a' }], () => {}),
    { name: 'Problem', message: `${url}/a is not answered` },
  )
})
