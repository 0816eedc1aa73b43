import t from 'tap'
import { readableLine, readableSize } from '../../demo/journal.js'

const access = {
  level: 30,
  time: Date.UTC(2026, 0, 5, 8, 1, 2),
  pid: 1,
  method: 'GET',
  target: '/x?y',
  status: 200,
  result: 'hit',
  bytesOut: 4200,
  durationMs: 0.25,
  msg: 'access',
}

t.test('readableLine() makes one short line of a request', async t => {
  t.equal(readableLine(JSON.stringify(access)), '08:01:02  hit      200     0.3 ms   4.1 KB  GET /x?y')
  t.match(readableLine(JSON.stringify({ ...access, detail: 'no-store' })), /GET \/x\?y {2}\(no-store\)$/)
})

t.test('readableLine() gives any other message with what goes with it', async t => {
  const line = {
    level: 40,
    time: access.time,
    pid: 1,
    slot: 0,
    code: 'refused',
    more: { a: 1 },
    msg: 'origin failed',
  }
  t.equal(
    readableLine(JSON.stringify(line)),
    '08:01:02  edge warning: origin failed code=refused more={"a":1}',
  )
  t.match(readableLine('{"level":35,"msg":"odd"}'), /^--:--:-- {2}edge log: odd$/)
})

t.test('readableLine() leaves alone what is no log line', async t => {
  for (const line of ['plain words', '{ broken', '']) t.equal(readableLine(line), line)
})

t.test('readableSize() is for people', async t => {
  t.strictSame([0, 1023, 1536, 5 * 1024 * 1024].map(readableSize), ['0 B', '1023 B', '1.5 KB', '5.0 MB'])
})
