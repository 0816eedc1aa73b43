// The responder contract, third part: bodies of which a connection takes what it has room for. Nothing is kept for a
// client that reads slowly: what it did not take is offered again.
import type { Test } from 'tap'
import type { Responder } from '../../respond/responder.js'
import { get } from '../support/client.js'
import { until } from '../support/supervise-until.js'
import {
  bodyOf,
  bytesOf,
  contractPlay,
  dechunked,
  headOf,
  linesOf,
  type StartEngine,
  slowClient,
} from './contract-play.js'

/** `keptBytesMax`: of what is offered, so much may wait with us. */
export function offerContract(t: Test, start: StartEngine, keptBytesMax: number): void {
  offersTaken(t, start)
  offersToSlow(t, start, keptBytesMax)
  offersRefused(t, start)
}

interface Offering {
  /** How often less than all was taken. */
  waits: number
  /** All was taken, or the client is gone. */
  isOver: boolean
}

/** Offers `body` in pieces out of memory that is used again at once, each from where the last one was taken. */
function offerAll(responder: Responder, body: Buffer, pieceBytes: number): Offering {
  const offering = { waits: 0, isOver: false }
  const scratch = Buffer.allocUnsafe(pieceBytes)
  let at = 0
  const go = (): void => {
    while (at < body.length && responder.state === 'streaming') {
      const bytes = body.copy(scratch, 0, at, at + pieceBytes)
      const taken = responder.offer(scratch.subarray(0, bytes))
      scratch.fill(0)
      at += taken
      if (taken < bytes) {
        offering.waits += 1
        return
      }
    }
    offering.isOver = true
    responder.end()
  }
  responder.onDrain = go
  go()
  return offering
}

const forms = [true, false].flatMap(isKnown => [false, true].map(closeAfter => ({ isKnown, closeAfter })))

function rowOf({ isKnown, closeAfter }: (typeof forms)[number]): string {
  return `${isKnown ? 'known' : 'chunked'}${closeAfter ? ', the last on its connection' : ''}`
}

function offersTaken(t: Test, start: StartEngine): void {
  for (const form of forms) {
    for (const isLater of [false, true]) {
      for (const size of [1, 16_001, 65_536, 500_000]) {
        const row = `${size} bytes, ${rowOf(form)}, ${isLater ? 'later' : 'at once'}`
        t.test(`open(), offer(), end() give ${row}`, async t => {
          const body = bytesOf(size)
          const play = await contractPlay(t, start, responder => {
            responder.closeAfter = form.closeAfter
            const answer = (): void => {
              responder.open(headOf(200), form.isKnown ? size : undefined)
              offerAll(responder, body, 65_536)
            }
            if (isLater) setImmediate(answer)
            else answer()
          })
          const reply = await get(play.port, '/', { headers: { connection: 'keep-alive' } })
          t.ok(reply.body.equals(body))
          t.equal(linesOf(reply.fields, 'content-length') + linesOf(reply.fields, 'transfer-encoding'), 1)
          t.equal(reply.headers.connection === 'close', form.closeAfter)
          await until(() => play.ends.length || undefined)
          t.strictSame(play.ends, [true])
          t.equal(play.responder.bodyBytesOut, size)
          t.equal(play.stalled.used, 0)
        })
      }
    }
  }
}

function offersToSlow(t: Test, start: StartEngine, keptBytesMax: number): void {
  for (const form of forms) {
    t.test(`offer() keeps nothing for a client that reads slowly: ${rowOf(form)}`, async t => {
      const body = bytesOf(12_000_000)
      let offering: Offering | undefined
      const play = await contractPlay(t, start, responder => {
        responder.closeAfter = form.closeAfter
        responder.open(headOf(200), form.isKnown ? body.length : undefined)
        offering = offerAll(responder, body, 65_536)
      })
      const client = await slowClient(play.port)
      await until(() => offering?.waits || undefined)
      t.ok(play.stalled.used <= keptBytesMax, `${play.stalled.used} bytes wait with us`)
      t.ok(play.responder.bodyBytesOut < body.length)
      t.equal(play.responder.offer(Buffer.from('x')), 0, 'nothing before there is room')
      client.socket.resume()
      await until(() => play.ends.length || undefined)
      t.strictSame(play.ends, [true])
      const whole = () => bodyOf(client.received()) ?? dechunked(client.received())
      if (form.closeAfter) await client.closed()
      t.ok((await until(whole)).equals(body))
      t.equal(play.stalled.used, 0)
      t.equal(play.responder.bodyBytesOut, body.length)
      client.socket.destroy()
    })
  }
}

function offersRefused(t: Test, start: StartEngine): void {
  for (const isKnown of [true, false]) {
    const row = isKnown ? 'known' : 'chunked'
    t.test(`a client that leaves is offered nothing more: ${row}`, async t => {
      let offering: Offering | undefined
      const body = bytesOf(12_000_000)
      const play = await contractPlay(t, start, responder => {
        responder.open(headOf(200), isKnown ? body.length : undefined)
        offering = offerAll(responder, body, 65_536)
      })
      const client = await slowClient(play.port)
      await until(() => offering?.waits || undefined)
      client.socket.destroy()
      await until(() => play.ends.length || undefined)
      t.strictSame(play.ends, [false])
      t.notOk(offering?.isOver)
      t.equal(play.responder.offer(Buffer.from('abc')), 3, 'and takes it without a word')
      t.equal(play.stalled.used, 0)
    })
  }

  t.test('offer() of more than was declared throws, and the answer is not whole', async t => {
    const play = await contractPlay(t, start, responder => {
      responder.open(headOf(200), 100_000)
      responder.offer(Buffer.alloc(50_000))
      t.throws(() => responder.offer(Buffer.alloc(100_001)), /more body/)
      responder.abort()
    })
    await t.rejects(get(play.port, '/'))
    t.strictSame(play.ends, [false])
  })
}
