// What every engine behind the Responder interface promises the path; here: answers that are given whole. Streams and
// requests have files of their own.
import type { Test } from 'tap'
import type { Responder } from '../../respond/responder.js'
import { connectRaw, get } from '../support/client.js'
import { until } from '../support/supervise-until.js'
import { offerContract } from './contract-offers.js'
import {
  bodyOf,
  bytesOf,
  contractPlay,
  headOf,
  linesOf,
  type StartEngine,
  slowClient,
} from './contract-play.js'
import { requestContract } from './contract-requests.js'
import { streamContract } from './contract-streams.js'

/** `keptBytesMax` as in the contract of offers. */
export function responderContract(t: Test, start: StartEngine, keptBytesMax = 0): void {
  wholeAnswers(t, start)
  headsAlone(t, start)
  closings(t, start)
  endings(t, start)
  streamContract(t, start)
  offerContract(t, start, keptBytesMax)
  requestContract(t, start)
}

function wholeAnswers(t: Test, start: StartEngine): void {
  for (const [status, size] of [
    [200, 5],
    [404, 5],
    [200, 0],
    [599, 1],
    [200, 65_536],
    [200, 65_537],
    [200, 200_000],
  ]) {
    t.test(`send() gives a whole answer: ${status}, ${size} bytes`, async t => {
      const body = bytesOf(size)
      const play = await contractPlay(t, start, responder => responder.send(headOf(status), body))
      const reply = await get(play.port, '/')
      t.equal(reply.status, status)
      t.ok(reply.body.equals(body))
      t.match(reply.headers, { 'x-a': '1', age: '3', 'cache-status': 'naij; hit' })
      for (const name of ['date', 'content-length', 'x-a', 'age'])
        t.equal(linesOf(reply.fields, name), 1, name)
      t.equal(linesOf(reply.fields, 'transfer-encoding'), 0)
      t.strictSame(play.ends, [true])
      t.equal(play.responder.bodyBytesOut, size)
      t.equal(play.responder.state, 'ended')
    })
  }

  for (const size of [1_000_000, 12_000_000]) {
    t.test(`send() gives ${size} bytes to a slow client, from memory that is used again`, async t => {
      const body = bytesOf(size)
      const given = Buffer.from(body)
      const play = await contractPlay(t, start, responder => {
        responder.send(headOf(200), given)
        given.fill(0)
      })
      const client = await slowClient(play.port)
      await until(() => play.exchanges[0])
      client.socket.resume()
      const received = await client.until(/\r\n\r\n/)
      t.match(received, /^HTTP\/1\.1 200 OK\r\n/)
      await until(() => bodyOf(client.received()))
      t.ok(bodyOf(client.received())?.equals(body))
      await until(() => play.ends[0])
      t.strictSame(play.ends, [true])
      t.equal(play.stalled.used, 0)
      client.socket.destroy()
    })
  }

  t.test('send() on one connection, again and again', async t => {
    const play = await contractPlay(t, start, (responder, x) =>
      responder.send(headOf(200), Buffer.from(x.target)),
    )
    const client = await connectRaw(play.port)
    for (const target of ['/1', '/2', '/3']) {
      client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
      await client.until(`\r\n\r\n${target}`)
    }
    client.socket.destroy()
    t.strictSame(play.ends, [true, true, true])
  })
}

function headsAlone(t: Test, start: StartEngine): void {
  const cases: [row: string, method: string, status: number, length: number | undefined][] = [
    ['RFC 9110 9.3.2 HEAD with the length of GET', 'HEAD', 200, 12_345],
    ['RFC 9110 9.3.2 HEAD of an empty body', 'HEAD', 200, 0],
    ['RFC 9110 8.6 HEAD without a length', 'HEAD', 200, undefined],
    ['RFC 9110 15.4.5 304', 'GET', 304, undefined],
    ['RFC 9110 15.3.5 204', 'GET', 204, undefined],
  ]
  for (const [row, method, status, length] of cases) {
    t.test(`sendHead() ${row}`, async t => {
      const play = await contractPlay(t, start, responder => responder.sendHead(headOf(status), length))
      const client = await connectRaw(play.port)
      for (let time = 1; time <= 2; time += 1) {
        client.write(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
        await until(() => client.received().split('\r\n\r\n')[time] === '' || undefined)
      }
      client.socket.destroy()
      const [first, second, rest] = client.received().split('\r\n\r\n')
      t.equal(second.replace(/Date: .*/, ''), first.replace(/Date: .*/, ''), 'the connection goes on')
      t.equal(rest, '', 'no body')
      t.match(first, new RegExp(`^HTTP/1\\.1 ${status} `))
      t.match(first, /\r\nX-A: 1\r\nAge: 3\r\nCache-Status: naij; hit/)
      t.strictSame(
        first.match(/Content-Length: \d+/g) ?? [],
        length === undefined ? [] : [`Content-Length: ${length}`],
      )
      t.equal(first.match(/^Date: /gm)?.length, 1)
      t.strictSame(play.ends, [true, true])
    })
  }
}

type Form = [form: string, method: string, answer: (responder: Responder) => void]

function stream(responder: Responder, length: number | undefined, bytes: number): void {
  responder.open(headOf(200), length)
  setImmediate(() => {
    if (bytes > 0) responder.write(Buffer.alloc(bytes, 'x'))
    responder.end()
  })
}

function closings(t: Test, start: StartEngine): void {
  const forms: Form[] = [
    ['send()', 'GET', responder => responder.send(headOf(200), Buffer.from('abc'))],
    ['send() of nothing', 'GET', responder => responder.send(headOf(200), Buffer.alloc(0))],
    ['sendHead() with a length', 'HEAD', responder => responder.sendHead(headOf(200), 7)],
    ['sendHead() without', 'GET', responder => responder.sendHead(headOf(304), undefined)],
    [
      'a short stream of known length',
      'GET',
      responder => {
        responder.open(headOf(200), 6)
        responder.write(Buffer.from('abc'))
        setImmediate(() => {
          responder.write(Buffer.from('def'))
          responder.end()
        })
      },
    ],
    ['send() of much', 'GET', responder => responder.send(headOf(200), Buffer.alloc(300_000, 'x'))],
    ['a long stream of known length', 'GET', responder => stream(responder, 200_000, 200_000)],
    ['a chunked stream', 'GET', responder => stream(responder, undefined, 20_000)],
    ['a chunked stream of nothing', 'GET', responder => stream(responder, undefined, 0)],
  ]
  for (const [form, method, answer] of forms) {
    for (const isLater of [false, true]) {
      t.test(`closeAfter ends the connection behind ${form}, ${isLater ? 'later' : 'at once'}`, async t => {
        const play = await contractPlay(t, start, responder => {
          responder.closeAfter = true
          if (isLater) setImmediate(() => answer(responder))
          else answer(responder)
        })
        const client = await connectRaw(play.port)
        client.write(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
        const received = await client.closed()
        t.equal(received.match(/^Connection: close\r$/gim)?.length, 1, received)
        t.equal(received.match(/^Date: /gm)?.length, 1)
        t.ok((received.match(/^Content-Length: /gm)?.length ?? 0) <= 1)
        t.match(received, /^HTTP\/1\.1 \d{3} .*\r\nX-A: 1\r\nAge: 3\r\nCache-Status: naij; hit\r\n/)
        t.ok(
          method === 'HEAD' || bodyOf(received) !== undefined || /\r\n\r\n$/.test(received),
          'and is whole',
        )
        t.strictSame(play.ends, [true])
      })
    }
  }

  t.test('closeAfter forbids the request that follows, even in the same segment', async t => {
    for (const method of ['GET', 'HEAD']) {
      const play = await contractPlay(t, start, (responder, x) => {
        responder.closeAfter = true
        setImmediate(() => {
          if (x.method === 'HEAD') responder.sendHead(headOf(200), 3)
          else responder.send(headOf(200), Buffer.from('abc'))
        })
      })
      const client = await connectRaw(play.port)
      const request = `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`
      client.write(request + request)
      const received = await client.closed()
      t.ok(received.split('HTTP/1.1 200').length <= 2, `${method}: ${received}`)
      t.ok(play.exchanges.length === 1, `${method}: the second one never reached the path`)
    }
  })
}

function endings(t: Test, start: StartEngine): void {
  t.test('abort() before the head closes without a byte', async t => {
    const play = await contractPlay(t, start, responder => void setImmediate(() => responder.abort()))
    const client = await connectRaw(play.port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    t.equal(await client.closed(), '')
    t.strictSame(play.ends, [false])
    t.equal(play.responder.state, 'gone')
  })

  for (const [row, isGone] of [
    ['was given', false],
    ['lost its client', true],
  ] as const) {
    t.test(`nothing that comes after an answer that ${row} does harm`, async t => {
      const play = await contractPlay(t, start, responder => {
        if (!isGone) responder.send(headOf(200), Buffer.from('abc'))
      })
      if (isGone) {
        const client = await connectRaw(play.port)
        client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await until(() => play.exchanges[0])
        client.socket.destroy()
        await until(() => play.ends.length || undefined)
      } else await get(play.port, '/')
      const { responder } = play
      responder.send(headOf(200), Buffer.from('x'))
      responder.sendHead(headOf(200), 1)
      responder.open(headOf(200), 1)
      t.equal(responder.write(Buffer.from('x')), !isGone)
      responder.end()
      responder.hold()
      responder.pause()
      responder.resume()
      responder.abort()
      t.equal(responder.clientAddress(), '')
      t.equal(responder.state, isGone ? 'gone' : 'ended')
      t.strictSame(play.ends, [!isGone], 'onEnd was called once')
    })
  }
}
