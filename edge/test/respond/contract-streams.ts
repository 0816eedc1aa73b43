// The responder contract, second part: answers that stream, to clients that are quick, slow, or leave.
import type { Test } from 'tap'
import type { Responder } from '../../respond/responder.js'
import { connectRaw, get } from '../support/client.js'
import { until } from '../support/supervise-until.js'
import { brokenStreams } from './contract-broken.js'
import {
  bodyOf,
  bytesOf,
  contractPlay,
  dechunked,
  headOf,
  linesOf,
  type StartEngine,
  slowClient,
  unchunked,
} from './contract-play.js'

export function streamContract(t: Test, start: StartEngine): void {
  wholeStreams(t, start)
  headsFirst(t, start)
  slowClients(t, start)
  brokenStreams(t, start)
}

/** Writes `body` in pieces, each when the one before was taken; tells how often it had to wait. */
function pour(responder: Responder, body: Buffer, pieceBytes: number): { waits: number } {
  const count = { waits: 0 }
  let at = 0
  const go = (): void => {
    while (at < body.length) {
      const piece = body.subarray(at, at + pieceBytes)
      at += piece.length
      if (!responder.write(piece)) {
        count.waits += 1
        return
      }
    }
    if (responder.state === 'streaming') responder.end()
  }
  responder.onDrain = go
  go()
  return count
}

function wholeStreams(t: Test, start: StartEngine): void {
  for (const size of [0, 1, 16_000, 16_001, 500_000]) {
    for (const isKnown of [true, false]) {
      for (const closeAfter of [false, true]) {
        const length = isKnown ? size : undefined
        const row = `${size} bytes, ${isKnown ? 'known' : 'chunked'}${closeAfter ? ', the last on its connection' : ''}`
        t.test(`open(), write(), end() give ${row}`, async t => {
          const body = bytesOf(size)
          const play = await contractPlay(t, start, responder => {
            responder.closeAfter = closeAfter
            responder.open(headOf(200), length)
            setImmediate(() => pour(responder, body, 70_000))
          })
          // What the client does not say itself is told by the answer.
          const reply = await get(play.port, '/', { headers: { connection: 'keep-alive' } })
          t.ok(reply.body.equals(body))
          const lengths = linesOf(reply.fields, 'content-length')
          // RFC 9112 6.3: exactly one of the two; an empty body may have either.
          t.equal(lengths + linesOf(reply.fields, 'transfer-encoding'), 1)
          // A long one that must close may go chunked: some engines can only close behind such a one.
          if (size > 0 && size < 100_000) t.equal(lengths, isKnown ? 1 : 0)
          t.equal(linesOf(reply.fields, 'date'), 1)
          t.match(reply.headers, { 'x-a': '1', age: '3', 'cache-status': 'naij; hit' })
          if (closeAfter) t.equal(reply.headers.connection, 'close')
          await until(() => play.ends.length || undefined)
          t.strictSame(play.ends, [true])
          t.equal(play.responder.bodyBytesOut, size)
          t.equal(play.stalled.used, 0)
        })
      }
    }
  }
}

function headsFirst(t: Test, start: StartEngine): void {
  t.test('open() with a length sends the head before the first byte of the body', async t => {
    const play = await contractPlay(t, start, responder => responder.open(headOf(203), 3))
    const client = await connectRaw(play.port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    t.match(await client.until(/\r\n\r\n/), /^HTTP\/1\.1 203 /)
    t.equal(play.responder.state, 'streaming')
    play.responder.write(Buffer.from('abc'))
    await client.until(/\r\n\r\nabc$/)
    play.responder.end()
    t.equal(play.responder.state, 'ended')
    client.socket.destroy()
  })

  t.test(
    'open() has what it needs of the head when it returns: a store reads into the same memory again',
    async t => {
      for (const length of [3, undefined]) {
        const play = await contractPlay(t, start, responder => {
          const head = headOf(200)
          const block = Buffer.from(head.block)
          responder.open({ ...head, block }, length)
          block.fill('!')
        })
        const client = await connectRaw(play.port)
        client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await until(() => play.exchanges[0])
        play.responder.offer(Buffer.from('abc'))
        play.responder.end()
        const answer = await client.until(/abc/)
        t.match(answer, headOf(200).block.toString())
        t.notMatch(answer, '!!')
        client.socket.destroy()
      }
    },
  )

  for (const closeAfter of [false, true]) {
    for (const how of ['write', 'offer'] as const) {
      const row = `${how}()${closeAfter ? ', the last on its connection' : ''}`
      t.test(`what came is with the client before the next comes: ${row}`, async t => {
        const play = await contractPlay(t, start, responder => {
          responder.closeAfter = closeAfter
          responder.open(headOf(200), undefined)
        })
        const client = await connectRaw(play.port)
        client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await until(() => play.exchanges[0])
        for (const piece of ['first\n', 'second\n', '3', '4']) {
          play.responder[how](Buffer.from(piece))
          await until(() => unchunked(client.received()).endsWith(piece) || undefined, 10_000)
        }
        play.responder.end()
        t.equal((await until(() => dechunked(client.received()))).toString(), 'first\nsecond\n34')
        t.strictSame(play.ends, [true])
        client.socket.destroy()
      })
    }
  }

  t.test('write() of more than was promised, and end() before it, are errors of ours', async t => {
    const play = await contractPlay(t, start, responder => responder.open(headOf(200), 3))
    const client = await slowClient(play.port)
    await until(() => play.exchanges[0])
    t.throws(() => play.responder.end(), /before its declared length/)
    t.throws(() => play.responder.write(Buffer.from('abcd')), /more body/)
    client.socket.destroy()
  })
}

function slowClients(t: Test, start: StartEngine): void {
  for (const isKnown of [true, false]) {
    t.test(`write() asks to wait, and onDrain comes: ${isKnown ? 'known' : 'chunked'}`, async t => {
      const body = bytesOf(12_000_000)
      let count = { waits: 0 }
      const play = await contractPlay(t, start, responder => {
        responder.open(headOf(200), isKnown ? body.length : undefined)
        count = pour(responder, body, 65_536)
      })
      const client = await slowClient(play.port)
      await until(() => count.waits || undefined)
      // A piece, with what frames it.
      t.ok(play.stalled.used <= 65_536 + 64, `${play.stalled.used} bytes wait with us`)
      t.ok(play.responder.bodyBytesOut < body.length)
      client.socket.resume()
      await until(() => play.ends.length || undefined)
      t.strictSame(play.ends, [true])
      await until(() => (isKnown ? bodyOf(client.received()) : dechunked(client.received())))
      const got = isKnown ? bodyOf(client.received()) : dechunked(client.received())
      t.ok(got?.equals(body))
      t.equal(play.stalled.used, 0)
      t.equal(play.responder.bodyBytesOut, body.length)
      client.socket.destroy()
    })
  }

  t.test('write() takes what it is given though it asked to wait', async t => {
    const body = bytesOf(10_000_000)
    const play = await contractPlay(t, start, responder => {
      responder.open(headOf(200), body.length)
      for (let at = 0; at < body.length; at += 100_000) responder.write(body.subarray(at, at + 100_000))
      responder.end()
    })
    const client = await slowClient(play.port)
    await until(() => play.stalled.used || undefined)
    t.strictSame(play.ends, [], 'it is not ended before it is given')
    client.socket.resume()
    await until(() => play.ends.length || undefined)
    await until(() => bodyOf(client.received()))
    t.ok(bodyOf(client.received())?.equals(body))
    t.equal(play.stalled.used, 0)
    client.socket.destroy()
  })
}
