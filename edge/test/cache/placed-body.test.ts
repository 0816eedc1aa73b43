import t from 'tap'
import type { BodyReader } from '../../cache/body.js'
import { type Part, PlacedBody } from '../../cache/placed-body.js'
import { DiskReads } from '../../cache/segment-reads.js'
import { placeOf, type Scripted, scripted } from './segments/scripted.js'
import { bodyOf, until } from './segments/support.js'

const body = bodyOf('a', 300_000)

function placedOf(script: Scripted, parts: Part[] = [{ first: 0, last: body.length - 1 }]): PlacedBody {
  const bodies = { segments: script.segments, reads: new DiskReads(1), evictedReadMaxMs: 60_000 }
  return new PlacedBody(bodies, placeOf(body), parts)
}

/** Reads to the end, `bytesMax` at a time. */
function readAll(placed: PlacedBody, bytesMax: number): Buffer {
  const reader = { at: 0, wake: () => {} }
  const chunks: Buffer[] = []
  for (;;) {
    const piece = placed.read(reader, bytesMax)
    if (typeof piece === 'string') {
      if (piece !== 'end') throw new Error(piece)
      return Buffer.concat(chunks)
    }
    chunks.push(Buffer.from(piece))
    reader.at += piece.length
    placed.progressed()
  }
}

const cases: [row: string, parts: Part[], expected: Buffer][] = [
  ['all of it', [{ first: 0, last: 299_999 }], body],
  ['one byte', [{ first: 7, last: 7 }], body.subarray(7, 8)],
  ['its end', [{ first: 150_000, last: 299_999 }], body.subarray(150_000)],
  [
    'parts with bytes around them',
    [
      Buffer.from('<'),
      { first: 5, last: 9 },
      Buffer.from(' and '),
      { first: 0, last: 99_999 },
      Buffer.from('>'),
    ],
    Buffer.concat([
      Buffer.from('<'),
      body.subarray(5, 10),
      Buffer.from(' and '),
      body.subarray(0, 100_000),
      Buffer.from('>'),
    ]),
  ],
]

for (const [row, parts, expected] of cases) {
  t.test(`PlacedBody gives ${row}`, async t => {
    for (const bytesMax of [3, 1_000, 1_000_000]) {
      const placed = placedOf(scripted(body), parts)
      t.equal(placed.length, expected.length)
      t.ok(readAll(placed, bytesMax).equals(expected), `${bytesMax} at a time`)
    }
    const into = Buffer.alloc(expected.length + 10)
    t.ok(expected.equals(placedOf(scripted(body), parts).readCached(into)!), 'and as a whole')
  })
}

t.test('PlacedBody waits for the disk, and goes on where it was', async t => {
  const script = scripted(body)
  const placed = placedOf(script, [Buffer.from('<'), { first: 10, last: 19 }])
  const chunks: Buffer[] = []
  let isEnded = false
  const reader: BodyReader & { at: number } = {
    at: 0,
    wake() {
      for (;;) {
        const piece = placed.read(reader, 100)
        if (piece === 'end') isEnded = true
        if (typeof piece === 'string') return
        chunks.push(Buffer.from(piece))
        reader.at += piece.length
      }
    },
  }
  script.isAtHand = false
  placed.attach(reader)
  reader.wake()
  t.equal(reader.at, 1)
  script.disk[0]()
  await until(() => isEnded)
  t.ok(Buffer.concat(chunks).equals(Buffer.concat([Buffer.from('<'), body.subarray(10, 20)])))
})

t.test('readCached() gives nothing where memory has not all, or it cannot be read', async t => {
  const into = Buffer.alloc(body.length)
  const script = scripted(body)
  script.isAtHand = false
  t.equal(placedOf(script).readCached(into), undefined)
  t.strictSame(script.disk, [], 'nor is the disk asked')
  script.isAtHand = true
  script.isBroken = true
  t.equal(placedOf(script).readCached(into), undefined)
})

t.test('detach() and close() let the segment go', async t => {
  const script = scripted(body)
  const [one, other] = [placedOf(script), placedOf(script)]
  t.equal(script.holds, 2)
  one.detach({ at: 0, wake: () => {} })
  other.close()
  t.equal(script.holds, 0)
})
