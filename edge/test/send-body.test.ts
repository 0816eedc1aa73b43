import t from 'tap'
import { decodeEntry, type ResponseEntry } from '../cache/entry.js'
import type { Part } from '../cache/placed-body.js'
import { DiskReads } from '../cache/segment-reads.js'
import type { Edge } from '../edge.js'
import type { Head } from '../respond/responder.js'
import { sendBody } from '../send-body.js'
import { placeOf, type Scripted, scripted } from './cache/segments/scripted.js'
import { bodyOf, until } from './cache/segments/support.js'
import { exchangeOf, NotingResponder } from './support/exchange.js'
import { recordWith } from './support/store-records.js'

/** Keeps what it is offered. */
class Taking extends NotingResponder {
  readonly chunks: Buffer[] = []

  override offer(chunk: Uint8Array): number {
    this.chunks.push(Buffer.from(chunk))
    return super.offer(chunk)
  }
}

const head: Head = { status: 200, block: Buffer.from('Age'), tail: '1' }

function sent(entry: ResponseEntry, script?: Scripted, pieces?: readonly Part[]) {
  const responder = new Taking()
  const bodies = script && { segments: script.segments, reads: new DiskReads(1), evictedReadMaxMs: 60_000 }
  const edge = { store: { bodies } } as unknown as Edge
  const pour = sendBody(edge, exchangeOf({ responder }), head, entry, pieces)
  return { responder, pour }
}

function inlineEntry(body: Buffer): ResponseEntry {
  return decodeEntry(recordWith(body)) as ResponseEntry
}

function placedEntry(body: Buffer): ResponseEntry {
  return decodeEntry(recordWith(placeOf(body))) as ResponseEntry
}

const around: Part[] = [Buffer.from('<'), { first: 2, last: 4 }, Buffer.from('>')]

t.test('a body at hand is sent at once, as are parts of it', async t => {
  const entry = inlineEntry(Buffer.from('abcdefgh'))
  const cases: [pieces: Part[] | undefined, text: string][] = [
    [undefined, 'abcdefgh'],
    [[{ first: 2, last: 4 }], 'cde'],
    [around, '<cde>'],
  ]
  for (const [pieces, text] of cases) {
    const { responder, pour } = sent(entry, undefined, pieces)
    t.equal(responder.body.toString(), text)
    t.strictSame(responder.notes, [`send 200 ${text.length}`])
    t.equal(pour, undefined)
  }
})

t.test('a short one in a segment too, when memory has it', async t => {
  const body = bodyOf('a', 64 * 1024)
  const cases: [pieces: Part[] | undefined, expected: Buffer][] = [
    [undefined, body],
    [[{ first: 2, last: 4 }], body.subarray(2, 5)],
    [around, Buffer.concat([Buffer.from('<'), body.subarray(2, 5), Buffer.from('>')])],
  ]
  for (const [pieces, expected] of cases) {
    const script = scripted(body)
    const { responder, pour } = sent(placedEntry(body), script, pieces)
    t.ok(responder.body.equals(expected))
    t.strictSame(responder.notes, [`send 200 ${expected.length}`])
    t.equal(pour, undefined)
    t.equal(script.holds, 0)
  }
})

t.test('one that memory has not flows when the disk has brought it', async t => {
  const body = bodyOf('a', 10_000)
  const script = scripted(body)
  script.isAtHand = false
  const { responder, pour } = sent(placedEntry(body), script)
  t.strictSame(responder.notes, ['hold', 'open 200 10000'])
  t.not(pour, undefined)
  t.equal(script.disk.length, 1, 'which is asked once')
  script.disk[0]()
  await until(() => responder.state === 'ended')
  t.ok(Buffer.concat(responder.chunks).equals(body))
  t.equal(script.holds, 0)
})

t.test('a long one flows, whole or in parts', async t => {
  const body = bodyOf('a', 300_000)
  const cases: [pieces: Part[] | undefined, expected: Buffer][] = [
    [undefined, body],
    [[{ first: 100_000, last: 299_999 }], body.subarray(100_000)],
  ]
  for (const [pieces, expected] of cases) {
    const script = scripted(body)
    const { responder } = sent(placedEntry(body), script, pieces)
    t.strictSame(responder.notes, ['hold', `open 200 ${expected.length}`])
    t.equal(responder.state, 'ended')
    t.ok(Buffer.concat(responder.chunks).equals(expected))
    t.equal(script.holds, 0)
  }
})

t.test('one that cannot be read is broken off, and its segment let go', async t => {
  const body = bodyOf('a', 10_000)
  const script = scripted(body)
  script.isBroken = true
  const { responder } = sent(placedEntry(body), script)
  t.strictSame(responder.notes, ['hold', 'open 200 10000', 'abort'])
  t.equal(script.holds, 0)
})

t.test('a client that leaves lets the segment go', async t => {
  const body = bodyOf('a', 10_000)
  const script = scripted(body)
  script.isAtHand = false
  const { pour } = sent(placedEntry(body), script)
  t.equal(script.holds, 1)
  pour!.stop()
  t.equal(script.holds, 0)
})
