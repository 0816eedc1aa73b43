import t from 'tap'
import * as ws from 'ws'
import { isWritable } from '../../../fetch/web-socket/close.js'
import { clientFrame, closePayload, opcodes } from '../../../fetch/web-socket/frames.js'
import { acceptOf, newKey } from '../../../fetch/web-socket/key.js'
import { noise } from '../../support/play.js'

interface Receiving {
  on(event: string, heard: (...args: unknown[]) => void): void
  end(bytes: Buffer): void
}
// What ws does not name in its types.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Receiving }

/** What the receiver of ws, as a server, makes of `bytes`. */
async function received(bytes: Buffer): Promise<[event: string, ...args: unknown[]][]> {
  const receiver = new Receiver({ isServer: true, maxPayload: 0, allowSynchronousEvents: true })
  const events: [string, ...unknown[]][] = []
  for (const event of ['message', 'ping', 'pong', 'conclude', 'error']) {
    receiver.on(event, (...args: unknown[]) => events.push([event, ...args]))
  }
  await new Promise<void>(resolve => {
    receiver.on('finish', () => resolve())
    receiver.on('error', () => resolve())
    receiver.end(bytes)
  })
  return events
}

t.test('clientFrame: every length around the limits is read back by ws', async t => {
  for (const length of [0, 1, 2, 3, 4, 5, 124, 125, 126, 127, 128, 129, 65_535, 65_536, 65_537, 300_001]) {
    const payload = noise(length)
    t.strictSame(
      await received(clientFrame(opcodes.binary, payload)),
      [['message', payload, true]],
      `${length}`,
    )
  }
})

t.test('clientFrame: kinds', async t => {
  const frames = [
    clientFrame(opcodes.text, Buffer.from('größer')),
    clientFrame(opcodes.ping, Buffer.from('a')),
    clientFrame(opcodes.pong, Buffer.alloc(0)),
    clientFrame(opcodes.close, closePayload(1_001, Buffer.from('bye'))),
  ]
  t.strictSame(await received(Buffer.concat(frames)), [
    ['message', Buffer.from('größer'), false],
    ['ping', Buffer.from('a')],
    ['pong', Buffer.alloc(0)],
    ['conclude', 1_001, Buffer.from('bye')],
  ])
})

t.test('clientFrame: a payload that is a view is read from its own place and left as it is', async t => {
  const whole = noise(100)
  const before = Buffer.from(whole)
  const view = whole.subarray(3, 60)
  t.strictSame(await received(clientFrame(opcodes.binary, view)), [['message', view, true]])
  t.strictSame(whole, before)
})

t.test('clientFrame: masks differ, also over many frames (RFC 6455 5.3)', async t => {
  const masks = new Set<string>()
  for (let at = 0; at < 5_000; at += 1)
    masks.add(clientFrame(opcodes.binary, Buffer.alloc(1)).toString('hex', 2, 6))
  t.ok(masks.size > 4_990)
})

t.test('closePayload: no code that may not be said, no reason too long', async t => {
  t.equal(closePayload(1_005, Buffer.from('x')).length, 0)
  t.equal(closePayload(1_006, Buffer.from('x')).length, 0)
  t.equal(closePayload(1_000, Buffer.alloc(200)).length, 125)
})

t.test('isWritable: RFC 6455 7.4', async t => {
  for (const code of [1_000, 1_001, 1_002, 1_003, 1_007, 1_011, 1_014, 3_000, 4_999])
    t.ok(isWritable(code), `${code}`)
  for (const code of [0, 999, 1_004, 1_005, 1_006, 1_015, 2_999, 5_000, 65_535])
    t.notOk(isWritable(code), `${code}`)
})

t.test('acceptOf: the example of RFC 6455 1.3; keys differ', async t => {
  t.equal(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  t.match(newKey(), /^[\w+/]{22}==$/)
  t.not(newKey(), newKey())
})
