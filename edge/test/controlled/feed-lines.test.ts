import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import t from 'tap'
import { type FeedLine, feedLines, LineSplitter, readLine } from '../../controlled/feed-lines.js'

const purge = { type: 'purge', position: 2, id: 'x', kind: 'tag', site: 'a', items: ['t'], soft: false }
const lines = [
  { type: 'hello', epoch: 1, position: 2, revision: 3 },
  { type: 'site', position: 1, revision: 1, name: 'a', config: { hosts: ['*'] } },
  { type: 'site', position: 1, revision: 1, name: 'é', config: null },
  purge,
  { ...purge, site: null, kind: 'all', items: [] },
  { type: 'count', id: 'x', kind: 'site', site: 'a', items: [], soft: true },
  { type: 'beat', position: 2 },
]

t.test('lines are the same however they are cut', async t => {
  const bytes = Buffer.from(`${lines.map(line => JSON.stringify(line)).join('\n')}\n\n`)
  for (const step of [1, 2, 3, 7, 50, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) =>
      bytes.subarray(at * step, (at + 1) * step),
    )
    const read: FeedLine[] = []
    for await (const some of feedLines(Readable.from(pieces) as IncomingMessage)) read.push(...some)
    t.strictSame(read, lines, `${step} bytes at a time`)
  }
})

t.test('what is not of the feed ends it; a line that only a later control knows is left out', async t => {
  t.strictSame(readLine('{"type":"news","what":1}'), [])
  for (const text of [
    '',
    'x',
    '{',
    '1',
    'null',
    '{}',
    '{"type":1}',
    '{"type":"beat"}',
    '{"type":"purge","position":1}',
  ])
    t.throws(() => readLine(text), { code: 'control-broken', retry: true }, text)
  const failing = async function* () {
    yield Buffer.from('{"type":"beat","position":1}\n{')
    throw new Error('reset')
  }
  const read = feedLines(Readable.from(failing()) as IncomingMessage)
  t.match(await read.next(), { value: [{ type: 'beat' }] })
  await t.rejects(read.next(), { code: 'control-broken', message: 'reset' })
})

t.test('a line has an end', async t => {
  const splitter = new LineSplitter()
  const piece = Buffer.alloc(16 * 1024 * 1024, 'x')
  t.strictSame(splitter.push(piece), [])
  t.strictSame(splitter.push(piece), [])
  t.throws(() => splitter.push(Buffer.from('x')), { code: 'control-broken' })
})
