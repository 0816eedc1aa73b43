// Plays: Range requests answered from what is stored (RFC 9110 14), and what stays the origin's to answer.
import t from 'tap'
import { always, cacheStatus, play } from '../support/play.js'

const text = '0123456789abcdefghij'
const stored = { 'Cache-Control': 'max-age=60', ETag: '"v"', 'Content-Type': 'text/plain' }

type Row = [row: string, range: string, status: number, body: string, contentRange: string | undefined]

const rows: Row[] = [
  ['14.1.2 first and last', 'bytes=2-4', 206, '234', 'bytes 2-4/20'],
  ['14.1.2 open end', 'bytes=15-', 206, 'fghij', 'bytes 15-19/20'],
  ['14.1.2 suffix', 'bytes=-3', 206, 'hij', 'bytes 17-19/20'],
  ['14.1.2 suffix longer than the whole', 'bytes=-99', 206, text, 'bytes 0-19/20'],
  ['14.1.2 past the end is clipped', 'bytes=18-99', 206, 'ij', 'bytes 18-19/20'],
  ['15.5.17 nothing satisfiable', 'bytes=20-', 416, '', 'bytes */20'],
  ['14.2 another unit is ignored', 'lines=1-2', 200, text, undefined],
  ['14.2 malformed is ignored', 'bytes=4-2', 200, text, undefined],
]

t.test('a stored 200 answers one range (RFC 9110 15.3.7)', async t => {
  const { origin, ask } = await play(t, always(200, stored, text))
  t.match(await ask('/'), { status: 200, text })
  for (const [row, range, status, body, contentRange] of rows) {
    const reply = await ask('/', { headers: { range } })
    t.match(reply, { status, text: body }, row)
    t.equal(reply.headers['content-range'], contentRange, row)
    t.equal(reply.headers['content-length'], String(body.length), row)
    t.match(cacheStatus(reply), /^hit/, row)
    t.equal(reply.headers.etag, '"v"', row)
  }
  t.equal(origin.asked.length, 1)
})

t.test('several ranges come as multipart/byteranges (RFC 9110 14.6)', async t => {
  const { ask } = await play(t, always(200, stored, text))
  await ask('/')
  const reply = await ask('/', { headers: { range: 'bytes=0-1, 5-6, -2' } })
  t.equal(reply.status, 206)
  const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(String(reply.headers['content-type']))?.[1]
  t.ok(boundary)
  const parts = reply.text.split(`--${boundary}`).slice(1, -1)
  t.strictSame(
    parts.map(part => part.trim()),
    [
      'Content-Type: text/plain\r\nContent-Range: bytes 0-1/20\r\n\r\n01',
      'Content-Type: text/plain\r\nContent-Range: bytes 5-6/20\r\n\r\n56',
      'Content-Type: text/plain\r\nContent-Range: bytes 18-19/20\r\n\r\nij',
    ],
  )
  t.ok(reply.text.endsWith(`--${boundary}--\r\n`))
})

t.test('If-Range: the part while the validator holds, else the whole (RFC 9110 13.1.5)', async t => {
  const { ask } = await play(t, always(200, stored, text))
  await ask('/')
  const cases: [string, number][] = [
    ['"v"', 206],
    ['"other"', 200],
    ['W/"v"', 200],
    ['Tue, 24 Nov 2026 10:00:00 GMT', 200],
  ]
  for (const [ifRange, status] of cases) {
    t.equal(
      (await ask('/', { headers: { range: 'bytes=0-1', 'if-range': ifRange } })).status,
      status,
      ifRange,
    )
  }
})

t.test('conditions go before Range, and HEAD knows none (RFC 9110 13.2.2, 14.2)', async t => {
  const { ask } = await play(t, always(200, stored, text))
  await ask('/')
  t.equal((await ask('/', { headers: { range: 'bytes=0-1', 'if-none-match': '"v"' } })).status, 304)
  const head = await ask('/', { method: 'HEAD', headers: { range: 'bytes=0-1' } })
  t.match(head, { status: 200, headers: { 'content-length': '20' } })
})

t.test('a range of a body larger than one write arrives whole', async t => {
  const body = Array.from({ length: 100_000 }, (_, i) => i).join(',')
  const { ask } = await play(t, always(200, stored, body))
  await ask('/')
  const reply = await ask('/', { headers: { range: 'bytes=100-400099' } })
  t.equal(reply.status, 206)
  t.equal(reply.text, body.slice(100, 400_100))
})

t.test("a range of what is not stored is the origin's to answer, and is not stored", async t => {
  const { origin, ask } = await play(t, (request, response) => {
    response.writeHead(206, { ...stored, 'Content-Range': 'bytes 0-1/20' })
    response.end(request.headers.range === 'bytes=0-1' ? '01' : 'no range came')
  })
  for (let i = 0; i < 2; i += 1) {
    const reply = await ask('/', { headers: { range: 'bytes=0-1' } })
    t.match(reply, { status: 206, text: '01' })
    t.match(cacheStatus(reply), /^fwd=uri-miss/)
  }
  t.equal(origin.asked.length, 2)
})
