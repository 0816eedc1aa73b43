// Heads that are like others: what is said of them is what is said of them when they are read whole, however they are cut, and
// whoever declines one gets it read.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { type KnownAnswer, knownAnswers } from '../../fetch/known-answer.js'
import { headBytesMax, ResponseParser } from '../../fetch/response-parser.js'
import { randomFrom } from '../support/store-records.js'
import { corpus, fieldsOf, linesOf, said } from './support/responses.js'

const skip = knownAnswers === undefined ? 'no addon for the engine' : false
const expected = { method: 'GET', isUpgrade: false, allowUnknownTransferCoding: false }

/** What comes of one head, in a buffer that holds more than it. */
function readOne(lines: string, start = '200 OK'): KnownAnswer | undefined {
  const bytes = Buffer.from(`xx HTTP/1.1 ${start}\r\n${lines}\r\n`, 'latin1')
  return knownAnswers!.read(bytes, 3)
}
/** The second is known where the first was strange. */
function readAgain(lines: string, start?: string): KnownAnswer | undefined {
  readOne(lines, start)
  return readOne(lines, start)
}

for (const [row, text, words, asked] of corpus) {
  t.test(`a parser whose heads are taken as known: ${row}, cut anywhere`, { skip }, async t => {
    const bytes = Buffer.from(text, 'latin1')
    let turn = 0
    for (const takesKnown of [() => true, () => false, () => ++turn % 2 === 0]) {
      const others = new Set<string>()
      for (let at = 0; at <= bytes.length; at += 1) {
        others.add(said([bytes.subarray(0, at), bytes.subarray(at)], { ...asked, takesKnown }))
      }
      t.strictSame([...others], [words])
    }
  })
}

const parts = [
  ...[
    'Vary: a\r\n',
    'A:b\r\n',
    'Set-Cookie: \t\xe9 \r\n',
    'Connection: close\r\n',
    'X: \r\n',
    'A\r\n',
    ' b\r\n',
  ],
  ...['Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n', 'Content-Length: 2\r\n', 'Transfer-Encoding: chunked\r\n'],
  ...['\r', '\n', '\0', 'Content-Length: 02\r\n', 'A: b\rc\r\n', 'Keep-Alive: timeout=9\r\n', '\r\n'],
]

t.test('random heads are said to be the same, known or read whole', { skip }, async t => {
  const seed = 20_261_130
  const random = randomFrom(seed)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const faults: string[] = []
  let known = 0
  const takesKnown = () => {
    known += 1
    return random() < 0.8
  }
  for (let round = 0; round < 20_000; round += 1) {
    const lines = Array.from({ length: Math.floor(random() * 5) }, () => pick(parts)).join('')
    const framing = pick([
      'Content-Length: 2\r\n',
      'Content-Length: 0\r\n',
      'Transfer-Encoding: chunked\r\n',
      '',
    ])
    const rest = pick(['ok', '1\r\na\r\n0\r\n\r\n', '', 'okHTTP'])
    const bytes = Buffer.from(
      `HTTP/1.1 ${pick(['200 OK', '302', '204 X', '500 '])}\r\n${lines}${framing}\r\n${rest}`,
    )
    const whole = said([bytes], { closes: true })
    const taken = said([bytes], { closes: true, takesKnown })
    if (taken !== whole) faults.push(`${JSON.stringify(bytes.toString('latin1'))}: ${whole} / ${taken}`)
  }
  t.strictSame(faults, [], `seed ${seed}`)
  t.ok(known > 1_000, `${known} were known`)
})

t.test('what is known of a head', { skip }, async t => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  const lines = `Keep-Alive: timeout=5\r\nDate: ${date}\r\nVARY: a\r\nContent-Length: 5\r\n`
  const known = readAgain(lines, '201 Made')!
  t.match(known, { status: 201, contentLength: 5, dateMs: Date.parse(date) })
  t.strictSame(known.shape.names, ['keep-alive', 'date', 'vary', 'content-length'])
  t.match(known.shape, { isPersistent: true, idleMaxMs: 4_000 })
  t.strictSame(fieldsOf(known), ['Keep-Alive', 'timeout=5', 'Date', date, 'VARY', 'a', 'Content-Length', '5'])
  t.equal(linesOf(known, [0b100, 0], 'Via: 1.1'), 'VARY: a\r\nVia: 1.1')
  t.throws(() => known.linesWith([1, 0], Buffer.alloc(0), Buffer.alloc(9), 0), { message: /is gone/ })
  const chunked = readAgain('Connection: a, Close\r\nTransfer-Encoding: chunked\r\n')!
  t.match(chunked, { contentLength: undefined, dateMs: undefined })
  t.match(chunked.shape, { isPersistent: false, idleMaxMs: Number.POSITIVE_INFINITY })
  t.equal(readAgain('Content-Length: 4294967301\r\n')!.contentLength, 4_294_967_301, 'of more than 32 bits')
})

t.test('the date is that of the head, whatever came between', { skip }, async t => {
  const length = 'Content-Length: 5\r\n'
  const dates = [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Mon, 07 Nov 1994 08:49:37 GMT',
    'no date, though of its length',
    '',
  ]
  readAgain(`Date: ${dates[0]}\r\n${length}`)
  readAgain(length)
  for (const first of dates) {
    for (const second of dates) {
      for (const value of [first, second, second, first]) {
        const expectedMs = Date.parse(value)
        const known = readOne(value === '' ? length : `Date: ${value}\r\n${length}`)!
        t.equal(known.dateMs, Number.isNaN(expectedMs) ? undefined : expectedMs, `${first} / ${second}`)
      }
    }
  }
})

t.test('what is learned of a shape stays with it, and goes with it', { skip }, async t => {
  const shape = readAgain('Stays: 1\r\nContent-Length: 5\r\n')!.shape
  const rules = {} as Parameters<typeof shape.passages.set>[0]
  shape.passages.set(rules, {})
  t.equal(readAgain('stays: 2\r\nContent-Length: 7\r\n')!.shape, shape)
  t.not(readAgain('Stays: 1\r\nTransfer-Encoding: chunked\r\n')?.shape, shape)
})

t.test('a shape keeps nothing of the head that it was learned from but its names', { skip }, async t => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const long = `content-security-policy: ${'a'.repeat(60_000)}\r\nContent-Length: 5\r\n`
  collect()
  const before = process.memoryUsage().heapUsed
  for (let number = 0; number < 300; number += 1) readAgain(`a-name-that-is-long-${number}: b\r\n${long}`)
  collect()
  const grownBytes = process.memoryUsage().heapUsed - before
  t.ok(grownBytes < 5_000_000, `${grownBytes} bytes`)
})

function parserOf(onKnownHead: (parser: ResponseParser) => boolean, words: string[]): ResponseParser {
  const parser: ResponseParser = new ResponseParser({
    onInterim: () => {},
    onKnownHead: () => onKnownHead(parser),
    onHead: status => void words.push(`head ${status}`),
    onBody: piece => void words.push(`body ${piece}`),
    onUpgrade: () => {},
    onEnd: isReusable => void words.push(`end ${isReusable}`),
  })
  return parser
}

t.test('who stops the parser when it takes a head hears nothing more', { skip }, async t => {
  for (const rest of [
    'Content-Length: 0\r\n\r\n',
    'Content-Length: 2\r\n\r\nok',
    'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ]) {
    readAgain(rest.slice(0, rest.indexOf('\r\n') + 2))
    const words: string[] = []
    const stops = (parser: ResponseParser) => {
      parser.stop()
      return true
    }
    const parser = parserOf(stops, words)
    parser.begin(expected)
    parser.push(Buffer.from(`HTTP/1.1 200 OK\r\n${rest}`))
    parser.push(Buffer.from('more'))
    parser.close()
    t.strictSame(words, [])
  }
})

t.test(
  'answers to anything but a plain GET are read whole, and so are those that have no body',
  { skip },
  async t => {
    let asked = 0
    const parser = parserOf(() => ++asked > 0, [])
    const rows = [
      [{ method: 'HEAD' }, '200'],
      [{ method: 'POST' }, '200'],
      [{ isUpgrade: true }, '200'],
      [{}, '204'],
      [{}, '304'],
    ] as const
    for (const [more, status] of rows) {
      parser.begin({ ...expected, ...more })
      parser.push(Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`))
      t.equal(asked, 0, JSON.stringify(more))
    }
    parser.begin(expected)
    parser.push(Buffer.from('HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n'))
    t.equal(asked, 1)
  },
)

t.test('a head that is too long is refused, known or not', { skip }, async t => {
  for (const [bytes, words] of [
    [headBytesMax, /^head 200 /],
    [headBytesMax + 1, /^bad-response$/],
  ] as const) {
    const [start, end] = ['HTTP/1.1 200 OK\r\nA: ', '\r\nContent-Length: 0']
    const head = `${start}${'b'.repeat(bytes - start.length - end.length)}${end}\r\n\r\n`
    t.match(said([Buffer.from(head)]), words)
    t.match(said([Buffer.from(head)], { takesKnown: () => true }), words)
  }
})
