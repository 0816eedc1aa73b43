// Answers that are given again ahead of the engine: through real sockets, over the store on the disk.
import { once } from 'node:events'
import t from 'tap'
import { connectRaw, type RawClient } from '../support/client.js'
import { onUws } from '../support/edge.js'
import { answerTo } from './support/answer-to.js'
import { given } from './support/given.js'
import { asking, bodies, hitOf, replaying } from './support/replaying.js'

/** Asks for what is large, again and again, without reading, until one answer waits for its client. Returns how many. */
async function askUntilFull(client: RawClient, hits: () => { given: number }): Promise<number> {
  client.socket.pause()
  for (let asked = 1; ; asked += 1) {
    const { given: before } = hits()
    client.write(asking('/large'))
    // One at a time: two that come in one piece are the engine's.
    while (given.memory?.sending() === 0 && hits().given === before)
      await new Promise(resolve => setTimeout(resolve, 2))
    await new Promise(resolve => setTimeout(resolve, 20))
    if (given.memory?.sending() === 1) return asked
  }
}

const undated = (answer: string) => answer.replace(/\r\n(Date|Age): [^\r]*/g, '').replace(/ttl=\d+/, 'ttl')

t.test('a plain hit is given again, byte for byte, and counted', onUws, async t => {
  const { origin, client, hits } = await replaying(t)
  const byThePath = await hitOf(client, '/a')
  t.match(byThePath, /\r\nCache-Status: naij; hit; ttl=\d+\r\n/)
  const before = hits()
  const again = await answerTo(client, asking('/a'))
  t.equal(undated(again), undated(byThePath))
  t.match(
    again,
    /\r\nAge: \d+\r\nCache-Status: naij; hit; ttl=\d+\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\nContent-Length: 6\r\n\r\nturn 1$/,
  )
  t.strictSame(hits(), { given: before.given + 1, hits: before.hits + 1 })
  t.equal(origin.asked.length, 1)
})

t.test('what asks for anything else takes the path', onUws, async t => {
  const { client, hits } = await replaying(t)
  await hitOf(client, '/a')
  const { given: before } = hits()
  t.match(await answerTo(client, asking('/a', 'Range: bytes=0-3\r\n')), /^HTTP\/1\.1 206 /)
  t.match(await answerTo(client, asking('/a', 'If-None-Match: "1", "2"\r\n')), /^HTTP\/1\.1 304 /)
  t.match(await answerTo(client, asking('/a', '', 'HEAD')), /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s)
  t.match(await answerTo(client, asking('/b')), /turn 2$/)
  t.equal(hits().given, before)
  t.match(await answerTo(client, asking('/a')), /turn 1$/)
  t.equal(hits().given, before + 1, 'the connection is none the worse for it')
})

t.test('a 304 is given again to who says the same, byte for byte, and counted', onUws, async t => {
  const { edge, origin, client, hits } = await replaying(t)
  await hitOf(client, '/a')
  const whole = await answerTo(client, asking('/a'))
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  const conditions = {
    'its tag': 'If-None-Match: "1"\r\n',
    'its tag, weak': 'If-None-Match: W/"1"\r\n',
    'its tag and a date': `If-None-Match: "1"\r\nIf-Modified-Since: ${date}\r\n`,
  }
  for (const [name, lines] of Object.entries(conditions)) {
    const byThePath = await answerTo(client, asking('/a', lines))
    const before = hits()
    const classes = [...edge.counters().statusClasses]
    const again = await answerTo(client, asking('/a', lines))
    t.equal(undated(again), undated(byThePath), name)
    t.match(
      again,
      /^HTTP\/1\.1 304 Not Modified\r\n.*ETag: "1"\r\n.*; hit; ttl=\d+\r\nDate: [^\r]+\r\n\r\n$/s,
    )
    t.notMatch(again, /Content-Length/i)
    t.strictSame(hits(), { given: before.given + 1, hits: before.hits + 1 }, name)
    classes[3]! += 1
    t.strictSame(edge.counters().statusClasses, classes, name)
    t.equal(undated(await answerTo(client, asking('/a'))), undated(whole), 'and the whole to who has nothing')
  }
  t.equal(origin.asked.length, 1)
})

t.test('what everybody could say in his own way is not learned', onUws, async t => {
  const { client, hits } = await replaying(t)
  await hitOf(client, '/a')
  const { given: before } = hits()
  const lines = ['"1", "2"', '*', '"1","1"', '"2"', 'W/"2"', '1', 'Sun, 06 Nov 1994 08:49:37 GMT']
  for (const line of lines)
    for (let turn = 0; turn < 2; turn += 1) {
      const status = /^HTTP\/1\.1 (\d+)/.exec(
        await answerTo(client, asking('/a', `If-None-Match: ${line}\r\n`)),
      )?.[1]
      t.equal(status, /"1"|\*/.test(line) ? '304' : '200', line)
    }
  // Of the origin there is no Last-Modified: whichever date would do.
  const since = `If-Modified-Since: ${new Date(Date.now() + 60_000).toUTCString()}\r\n`
  for (let turn = 0; turn < 2; turn += 1) await answerTo(client, asking('/a', since))
  t.equal(hits().given, before)
})

t.test('a 304 is not given again of what has changed', onUws, async t => {
  const { edge, client, hits } = await replaying(t)
  await hitOf(client, '/a')
  const conditional = asking('/a', 'If-None-Match: "1"\r\n')
  await answerTo(client, conditional)
  const { given: before } = hits()
  t.match(await answerTo(client, conditional), /^HTTP\/1\.1 304 /)
  t.equal(hits().given, before + 1)
  const other = await connectRaw(edge.port)
  await answerTo(other, asking('/a', 'Content-Length: 1\r\n', 'POST').replace(/$/, 'x'))
  t.match(await answerTo(client, conditional), /^HTTP\/1\.1 304 [\s\S]*fwd=/, 'asked for anew')
  t.equal(hits().given, before + 1)
})

t.test('requests in one piece, or in several, are for the engine', onUws, async t => {
  const { client, hits } = await replaying(t)
  await hitOf(client, '/a')
  const { given: before } = hits()
  const from = client.received().length
  client.write(asking('/a') + asking('/a'))
  const came = () => client.received().slice(from).split('turn 1').length - 1
  while (came() < 2) await once(client.socket, 'data')
  client.write(asking('/a').slice(0, 20))
  await new Promise(resolve => setTimeout(resolve, 20))
  client.write(asking('/a').slice(20))
  while (came() < 3) await once(client.socket, 'data')
  t.equal(hits().given, before)
})

t.test('what was changed is not given again', onUws, async t => {
  const { edge, client, hits } = await replaying(t)
  await hitOf(client, '/a')
  const { given: before } = hits()
  await answerTo(client, asking('/a'))
  t.equal(hits().given, before + 1)
  const other = await connectRaw(edge.port)
  await answerTo(other, asking('/a', 'Content-Length: 1\r\n', 'POST').replace(/$/, 'x'))
  t.match(await hitOf(client, '/a'), /turn 3$/, 'RFC 9111 4.4: after a POST it is asked for anew')
  const { given: renewed } = hits()
  t.match(await answerTo(client, asking('/a')), /turn 3$/)
  t.equal(hits().given, renewed + 1)
  edge.serving.prepareSites(edge.config.sites)()
  t.match(await answerTo(client, asking('/a')), /turn 3$/)
  t.equal(hits().given, renewed + 1, 'nor by the rules of before')
})

t.test('who reads slowly gets all of it, and what was asked behind', onUws, async t => {
  const { client, hits } = await replaying(t)
  await hitOf(client, '/large')
  const from = client.received().length
  const asked = await askUntilFull(client, hits)
  client.write(asking('/a'))
  client.socket.resume()
  await client.until('turn 2')
  const sent = client
    .received()
    .slice(from)
    .split(/HTTP\/1\.1 200 OK\r\n[\s\S]*?\r\n\r\n/)
  t.equal(sent.length, 1 + asked + 1)
  t.ok(sent.slice(1, -1).every(body => body === bodies['/large']!.toString('latin1')))
})

t.test('who leaves in the middle is counted as that', onUws, async t => {
  const { edge, client, hits } = await replaying(t)
  await hitOf(client, '/large')
  await askUntilFull(client, hits)
  client.socket.destroy()
  while (edge.counters().clientAborts === 0) await new Promise(resolve => setTimeout(resolve, 5))
  t.equal(edge.counters().clientAborts, 1)
  t.equal(given.memory?.sending(), 0)
})

t.test('who leaves in good order waits for what is being sent', onUws, async t => {
  const { edge, client, hits } = await replaying(t)
  await hitOf(client, '/large')
  const from = client.received().length
  const asked = await askUntilFull(client, hits)
  const stopped = edge.stop()
  await new Promise(resolve => setTimeout(resolve, 100))
  client.socket.resume()
  await stopped
  await client.closed()
  const received = client.received().slice(from)
  t.equal(received.split('HTTP/1.1 200 OK').length - 1, asked)
  t.ok(received.endsWith(bodies['/large']!.toString('latin1')))
})
