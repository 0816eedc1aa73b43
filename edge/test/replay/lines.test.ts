// The access log of what is given again: each line as the path would have written it.
import t from 'tap'
import { connectRaw } from '../support/client.js'
import { onUws, type TestEdge } from '../support/edge.js'
import { accessLines } from '../support/play.js'
import { answerTo } from './support/answer-to.js'
import { given } from './support/given.js'
import { asking, hitOf, replaying } from './support/replaying.js'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

async function linesOf(edge: TestEdge) {
  await edge.idle()
  return accessLines(edge)
}

/** Without what differs from one to the next; in the order of the line. */
const lasting = (line: Record<string, unknown> | undefined) =>
  Object.entries(line ?? {}).map(([name, value]) => (/^(time|durationMs)$/.test(name) ? name : [name, value]))

/** Asked twice: by the path, as it says more than replay knows, and again. */
const askers: Record<string, string> = {
  'a browser': 'User-Agent: Mozilla/5.0 (X11)\r\n',
  'nobody who says who it is': '',
  'two names': 'User-Agent: one\r\nUser-Agent: two\r\n',
  'what JSON escapes': 'User-Agent: a "b" \\c\td\r\n',
  'a name of 85': `User-Agent: ${'"'.repeat(85)}\r\n`,
  'a name of 86': `User-Agent: ${'"'.repeat(86)}\r\n`,
  'a long name': `User-Agent: ${'x'.repeat(512)}\r\n`,
  'a longer name': `User-Agent: ${'x'.repeat(513)}\r\n`,
  'a trace': `traceparent: 00-${trace}-${parent}-01\r\n`,
  'a trace of later': `traceparent: 01-${trace}-${parent}-01-more\r\n`,
  'two traces': `traceparent: 00-${trace}-${parent}-01\r\n`.repeat(2),
  'a longer trace': `traceparent: 00-${trace}-${parent}-01-more\r\n`,
  'a trace of no version': `traceparent: ff-${trace}-${parent}-01\r\n`,
  'a trace in capitals': `traceparent: 00-${trace.toUpperCase()}-${parent}-01\r\n`,
  'a trace of nobody': `traceparent: 00-${'0'.repeat(32)}-${parent}-01\r\n`,
  'a trace from nobody': `traceparent: 00-${trace}-${'0'.repeat(16)}-01\r\n`,
  'a short trace': 'traceparent: 00-12\r\n',
}

t.test('each line is as the path writes it', onUws, async t => {
  const { edge, client, hits } = await replaying(t, {})
  await hitOf(client, '/a?b=%22c')
  for (const [name, lines] of Object.entries(askers)) {
    const ask = `GET /a?b=%22c HTTP/1.1\r\nHost: a\r\n${lines}Accept-Encoding: gzip, br\r\n`
    const { given: before } = hits()
    await answerTo(client, `${ask}If-None-Match: "2"\r\n\r\n`)
    t.equal(hits().given, before, `${name}: by the path`)
    await answerTo(client, `${ask}\r\n`)
    t.equal(hits().given, before + 1, `${name}: again`)
    const [byThePath, again] = (await linesOf(edge)).slice(-2)
    t.strictSame(lasting(again), lasting(byThePath), name)
    t.ok(Math.abs(Number(again?.time) - Date.now()) < 10_000)
    t.ok(Number(again?.durationMs) >= 0 && Number(again?.durationMs) < 5_000)
  }
  t.match((await linesOf(edge)).at(-1), { client: '127.0.0.1', target: '/a?b=%22c', result: 'hit' })
})

t.test('the line of a 304 is as the path writes it', onUws, async t => {
  const { edge, client, hits } = await replaying(t, {})
  await hitOf(client, '/a')
  const ask = asking('/a', 'If-None-Match: "1"\r\n')
  await answerTo(client, ask)
  const { given: before } = hits()
  await answerTo(client, ask)
  t.equal(hits().given, before + 1)
  const [byThePath, again] = (await linesOf(edge)).slice(-2)
  t.strictSame(lasting(again), lasting(byThePath))
  t.match(again, { status: 304, result: 'hit', bytesOut: 0, completed: true })
})

t.test('each so many of the good ones, and what the log leaves out', onUws, async t => {
  const { edge, client } = await replaying(t, { accessEvery: 3, clientAddress: 'off', query: 'off' })
  await hitOf(client, '/a?b')
  const { length } = await linesOf(edge)
  for (let asked = 0; asked < 6; asked += 1) await answerTo(client, asking('/a?b'))
  const lines = await linesOf(edge)
  t.equal(lines.length, length + 2)
  t.match(lines.at(-1), { method: 'GET', target: '/a', status: 200 })
  t.notOk('client' in lines.at(-1)!)
})

t.test('who leaves in the middle has a line, too', onUws, async t => {
  const { edge, client, hits } = await replaying(t, {})
  await hitOf(client, '/large')
  client.socket.pause()
  while (given.memory?.sending() === 0) {
    const { given: before } = hits()
    client.write(asking('/large'))
    while (given.memory.sending() === 0 && hits().given === before)
      await new Promise(resolve => setTimeout(resolve, 2))
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  client.socket.destroy()
  while (edge.counters().clientAborts === 0) await new Promise(resolve => setTimeout(resolve, 5))
  const line = (await linesOf(edge)).at(-1)
  t.match(line, { result: 'hit', target: '/large', completed: false, userAgent: 'x' })
  t.ok(Number(line?.bytesOut) < 1024 * 1024)
})

t.test('lines that nobody took make the path write the next', onUws, async t => {
  const { edge, hits } = await replaying(t, { bufferBytesMax: '4KiB' })
  const client = await connectRaw(edge.port)
  await hitOf(client, '/a')
  const { length } = await linesOf(edge)
  const { given: before } = hits()
  for (let asked = 0; asked < 60; asked += 1) await answerTo(client, asking('/a'))
  t.ok(hits().given > before)
  t.equal((await linesOf(edge)).length, length + 60, 'none is lost')
})
