// The responder contract: streams that do not come to their end.
import type { Test } from 'tap'
import { get } from '../support/client.js'
import { until } from '../support/supervise-until.js'
import { bodyOf, contractPlay, dechunked, headOf, type StartEngine, slowClient } from './contract-play.js'

export function brokenStreams(t: Test, start: StartEngine): void {
  for (const length of [20_000_000, undefined]) {
    const form = length === undefined ? 'chunked' : 'known'
    t.test(`an answer that would have too much waiting is broken off: ${form}`, async t => {
      const play = await contractPlay(
        t,
        start,
        responder => {
          responder.open(headOf(200), length)
          for (let i = 0; i < 200; i += 1) responder.write(Buffer.alloc(100_000))
        },
        1_000_000,
      )
      const client = await slowClient(play.port)
      await until(() => play.ends.length || undefined)
      t.strictSame(play.ends, [false])
      t.match(play.stalled, { used: 0, broken: 1 })
      client.socket.resume()
      const received = await client.closed()
      t.equal(
        length === undefined ? dechunked(received) : bodyOf(received),
        undefined,
        'nobody takes it for whole',
      )
    })

    t.test(`abort() in the middle breaks the answer off: ${form}`, async t => {
      const play = await contractPlay(t, start, responder => {
        responder.open(headOf(200), length)
        responder.write(Buffer.from('abc'))
        setImmediate(() => responder.abort())
      })
      await t.rejects(get(play.port, '/'))
      t.strictSame(play.ends, [false])
      t.equal(play.responder.state, 'gone')
    })

    t.test(`a client that leaves in the middle is noticed: ${form}`, async t => {
      let drains = 0
      const play = await contractPlay(t, start, responder => {
        const fill = () => {
          while (responder.write(Buffer.alloc(100_000)));
        }
        responder.onDrain = () => {
          drains += 1
          fill()
        }
        responder.open(headOf(200), length)
        fill()
      })
      const client = await slowClient(play.port)
      // Until the kernel takes nothing more.
      for (let before = -1; before !== play.exchanges[0]?.responder.bodyBytesOut; ) {
        before = play.exchanges[0]?.responder.bodyBytesOut ?? -1
        await new Promise(resolve => setTimeout(resolve, 50))
      }
      t.ok(play.stalled.used > 0)
      client.socket.destroy()
      await until(() => play.ends.length || undefined)
      const drainsBefore = drains
      t.strictSame(play.ends, [false])
      t.equal(play.responder.write(Buffer.from('x')), false)
      t.equal(play.stalled.used, 0)
      await new Promise(resolve => setImmediate(resolve))
      t.equal(drains, drainsBefore)
    })
  }
}
