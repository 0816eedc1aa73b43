// What is written past the stream of a socket: over real connections, with a peer that reads, one that does not, and one that
// is gone.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { loadEngineAddon } from '../engine-addon.js'
import { sendNow } from '../send-now.js'

const skip = loadEngineAddon() === undefined ? 'no addon for the engine' : false

interface Pair {
  near: Socket
  far: Socket
  fd: number
}

async function connected(t: Test): Promise<Pair> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  near.on('error', () => {})
  const [[far]] = (await Promise.all([accepted, once(near, 'connect')])) as [[Socket], unknown]
  far.on('error', () => {})
  t.teardown(() => {
    near.destroy()
    far.destroy()
    server.close()
  })
  const { _handle: handle } = near as Socket & { _handle?: { fd: number } }
  return { near, far, fd: handle!.fd }
}

async function received(far: Socket, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  far.on('data', piece => {
    pieces.push(piece)
    length += piece.length
  })
  far.resume()
  while (length < bytes) await once(far, 'data')
  return Buffer.concat(pieces)
}

t.test('sendNow() writes latin1, all of it when there is room', { skip }, async t => {
  const { far, fd } = await connected(t)
  const longest = 'x'.repeat(16_383)
  const cut = `${longest}|abc`.slice(16_384)
  const texts = [
    'GET / HTTP/1.1\r\n\r\n',
    '\0\x7f\x80\xff',
    `${longest}\xe9`,
    cut,
    ['jo', 'ined'].join(''),
    '',
  ]
  for (const text of texts) t.equal(sendNow(fd, text), text.length)
  const all = Buffer.from(texts.join(''), 'latin1')
  t.ok((await received(far, all.length)).equals(all))
})

t.test('sendNow() writes three texts one behind the other', { skip }, async t => {
  const { far, fd } = await connected(t)
  const rows = [
    ['a', 'b\xe9', 'c'],
    ['', 'x'.repeat(16_000), 'y'.repeat(384)],
    [['jo', 'ined'].join(''), '', 'z'],
  ] satisfies [string, string, string][]
  for (const [first, second, third] of rows)
    t.equal(sendNow(fd, first, second, third), first.length + second.length + third.length)
  t.equal(sendNow(fd, 'x', 'y'.repeat(16_000), 'z'.repeat(384)), 0, 'too long together')
  t.equal(sendNow(fd, 'x', 'y', '\u0100'), 0, 'one of two bytes')
  const all = Buffer.from(rows.flat().join(''), 'latin1')
  t.ok((await received(far, all.length)).equals(all))
})

t.test('sendNow() takes none of what is no short latin1', { skip }, async t => {
  const { far, fd } = await connected(t)
  t.equal(sendNow(fd, 'x'.repeat(16_385)), 0, 'too long')
  t.equal(sendNow(fd, 'x\u0100'), 0, 'of two bytes')
  t.equal(sendNow(fd, '\u{1f600}'), 0)
  const addon = loadEngineAddon()!
  const send = addon.send as (...args: unknown[]) => number
  for (const value of [undefined, null, 1, {}, ['a'], Buffer.from('a'), Symbol('a')])
    t.equal(send(fd, value), 0)
  for (const value of [undefined, null, 1.5, '1', {}, 2 ** 31, Number.NaN]) t.equal(send(value, 'a'), 0)
  t.equal(send(), 0)
  t.equal(sendNow(fd, 'end'), 3)
  t.equal((await received(far, 3)).toString(), 'end', 'and nothing of those is written')
})

t.test('sendNow() says how much a full socket took, and 0 then', { skip }, async t => {
  const { near, far, fd } = await connected(t)
  // The kernel takes more of a few long pieces than of many short ones: the last that it takes is nearly always cut.
  const text = Buffer.from(Array.from({ length: 16_384 }, (_, at) => at % 251)).toString('latin1')
  let sent = ''
  let taken = text.length
  while (taken === text.length) {
    taken = sendNow(fd, text)
    t.ok(taken >= 0 && taken <= text.length)
    sent += text.slice(0, taken)
  }
  t.equal(sendNow(fd, text), 0, 'nothing more now')
  // What is left goes through the stream, behind it.
  near.write(`${text.slice(taken)}|`, 'latin1')
  const all = Buffer.from(`${sent}${text.slice(taken)}|`, 'latin1')
  t.ok((await received(far, all.length)).equals(all))
})

t.test('sendNow() on a broken socket is a negated error number, and no signal', { skip }, async t => {
  const { near, far, fd } = await connected(t)
  near.pause()
  far.resetAndDestroy()
  let result = sendNow(fd, 'x')
  while (result >= 0) {
    await new Promise(resolve => setImmediate(resolve))
    result = sendNow(fd, 'x')
  }
  t.ok([-104, -32].includes(result), `${result}: ECONNRESET or EPIPE`)
  t.equal(sendNow(fd, 'x'), -32, 'EPIPE from then on')
  t.equal(sendNow(1_000_000, 'x'), -9, 'EBADF')
  t.equal(sendNow(-1, 'x'), -9)
})
