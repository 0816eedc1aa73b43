// The responder contract, third part: what the path learns of a request and its connection.
import type { Test } from 'tap'
import { Upload } from '../../accept/upload.js'
import type { Responder } from '../../respond/responder.js'
import { connectRaw, get } from '../support/client.js'
import { until } from '../support/supervise-until.js'
import { bytesOf, contractPlay, headOf, type StartEngine } from './contract-play.js'

export function requestContract(t: Test, start: StartEngine): void {
  uploads(t, start)
  fields(t, start)
  order(t, start)
}

function uploadFor(t: Test, responder: Responder, memoryBytesMax = 1_000_000): Upload {
  const spool = { directory: t.testdir({}), used: 0, max: 100_000_000 }
  const upload = new Upload({ bodyBytesMax: 100_000_000, memoryBytesMax, spool }, responder)
  responder.receive(upload)
  return upload
}

async function wholeOf(upload: Upload): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of upload) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* inPieces(body: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += 30_000) yield body.subarray(at, at + 30_000)
}

function uploads(t: Test, start: StartEngine): void {
  for (const size of [0, 5, 100_000, 3_000_000]) {
    for (const framing of ['Content-Length', 'chunked']) {
      t.test(`receive() gets a body of ${size} bytes: ${framing}`, async t => {
        const body = bytesOf(size)
        const play = await contractPlay(t, start, responder => {
          const upload = uploadFor(t, responder, 100_000)
          void wholeOf(upload).then(whole => responder.send(headOf(200), whole))
        })
        const asked = { method: 'POST', body: framing === 'chunked' ? inPieces(body) : body }
        const reply = await get(play.port, '/', asked)
        t.ok(reply.body.equals(body))
        t.strictSame(play.ends, [true])
      })
    }
  }

  t.test('receive() tells the upload when the client leaves', async t => {
    let upload: Upload | undefined
    const play = await contractPlay(t, start, responder => {
      upload = uploadFor(t, responder)
    })
    const client = await connectRaw(play.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc')
    await until(() => upload?.bytesIn || undefined)
    client.socket.destroy()
    await until(() => upload?.errored ?? undefined)
    t.match(upload?.errored, { code: 'client-left' })
    t.strictSame(play.ends, [false])
  })

  t.test('an answer before the end of the upload ends the upload, not the connection', async t => {
    let upload: Upload | undefined
    const play = await contractPlay(t, start, (responder, x) => {
      if (x.method === 'POST') upload = uploadFor(t, responder)
      responder.send(headOf(200), Buffer.from(x.method))
    })
    const client = await connectRaw(play.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc')
    await client.until(/\r\n\r\nPOST$/)
    t.ok(upload?.destroyed)
    client.write('GET ..GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.until(/\r\n\r\nGET$/)
    client.socket.destroy()
    t.strictSame(play.ends, [true, true])
  })
}

function fields(t: Test, start: StartEngine): void {
  t.test('fieldBytes() gives the bytes of a field, while the request is being accepted', async t => {
    let seen: string[] = []
    const play = await contractPlay(t, start, responder => {
      seen = ['x-a', 'x-b', 'x-absent'].map(name => responder.fieldBytes(name))
      responder.send(headOf(200), Buffer.alloc(0))
    })
    const client = await connectRaw(play.port)
    client.write(
      Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nX-A: a\xff\xe9b\r\nX-B: a\xc3\xa9b\r\n\r\n', 'latin1'),
    )
    await client.until(/\r\n\r\n/)
    client.socket.destroy()
    t.strictSame(seen, ['a\xff\xe9b', 'a\xc3\xa9b', ''])
    t.equal(play.responder.fieldBytes('x-a'), '', 'it is gone with the request')
  })

  t.test('clientAddress() is the address of the peer', async t => {
    let address = ''
    const play = await contractPlay(t, start, responder => {
      address = responder.clientAddress()
      responder.send(headOf(200), Buffer.alloc(0))
    })
    await get(play.port, '/')
    t.equal(address, '127.0.0.1')
  })
}

function order(t: Test, start: StartEngine): void {
  for (const form of ['send', 'sendHead', 'known', 'chunked']) {
    t.test(`hold() lets a request that comes later wait for its turn: ${form}`, async t => {
      const waiting: (() => void)[] = []
      const play = await contractPlay(t, start, (responder, x) => {
        responder.hold()
        waiting.push(() => {
          const body = Buffer.from(`end of ${x.target}`)
          if (form === 'send') return responder.send(headOf(200), body)
          if (form === 'sendHead') return responder.sendHead(headOf(204), undefined)
          responder.open(headOf(200), form === 'known' ? body.length : undefined)
          responder.write(body)
          responder.end()
        })
      })
      const client = await connectRaw(play.port)
      client.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n')
      await until(() => waiting[0])
      client.write('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n')
      // A request on another connection has passed: what was sent before it is there.
      void get(play.port, '/other').catch(() => {})
      await until(() => waiting[1])
      t.equal(play.exchanges[1].target, '/other')
      waiting[0]()
      await until(() => waiting[2])
      t.equal(play.exchanges[2].target, '/2')
      waiting[2]()
      waiting[1]()
      await until(() => play.ends[2])
      if (form !== 'sendHead')
        t.match(await client.until(/end of \/2/), /end of \/1[\s\S]*HTTP\/1\.1 200[\s\S]*end of \/2/)
      else await until(() => client.received().split('HTTP/1.1 204').length === 3 || undefined)
      client.socket.destroy()
      t.strictSame(play.ends, [true, true, true])
    })
  }
}
