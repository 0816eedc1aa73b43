// The scanner of response heads: which it reads, what it says of them, which are of one shape, and that nothing makes it touch
// what it must not. That it says the same as who reads a head whole: edge/test/fetch/known-answer.test.ts.
import t from 'tap'
import { type AnswerScanner, answerScanner, SeenAnswer } from '../answers.js'
import { loadEngineAddon } from '../engine-addon.js'

const scanner = answerScanner() as AnswerScanner
const skip = scanner === undefined ? 'no addon for the engine' : false
const date = 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n'
const length = 'Content-Length: 5\r\n'

/** In memory of its own, so that AddressSanitizer sees what is read beyond it. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length)
  bytes.write(text, 'latin1')
  return bytes
}

const headOf = (lines: string, start = '200 OK') => `HTTP/1.1 ${start}\r\n${lines}\r\n`
const read = (lines: string, start?: string) => scanner.read(bytesOf(headOf(lines, start)), 0)
/** Of one that is plain: once more when it was strange, and when it was new. */
const readAgain = (lines: string, start?: string) => {
  while (read(lines, start) === SeenAnswer.odd);
  return read(lines, start)
}

const plain: [row: string, lines: string, start: string, expected: number, contentLength?: number][] = [
  ['a length', length, '200 OK', 200 | SeenAnswer.hasLength, 5],
  ['chunks', 'Transfer-Encoding: chunked\r\n', '200 OK', 200],
  ['no words', length, '404', 404 | SeenAnswer.hasLength, 5],
  ['words of no ASCII', length, '200 \xe9\t', 200 | SeenAnswer.hasLength, 5],
  ['a length of 0', 'content-length:0\r\n', '599 X', 599 | SeenAnswer.hasLength, 0],
  [
    'a great length',
    'CONTENT-LENGTH: \t999999999999999 \r\n',
    '200',
    200 | SeenAnswer.hasLength,
    999999999999999,
  ],
  ['zeros before it', 'Content-Length: 000000000000007\r\n', '200', 200 | SeenAnswer.hasLength, 7],
  ['an empty value', `A:\r\n${length}`, '200 OK', 200 | SeenAnswer.hasLength, 5],
  ['bytes that are no ASCII, and tabs', `A: \xe9\t\xff\r\n${length}`, '200', 200 | SeenAnswer.hasLength, 5],
  ['the longest name', `${'a'.repeat(64)}: b\r\n${length}`, '200', 200 | SeenAnswer.hasLength, 5],
  ['the most lines', `${'A: b\r\n'.repeat(63)}${length}`, '200', 200 | SeenAnswer.hasLength, 5],
  ['a value of any length', `A: ${'b'.repeat(60_000)}\r\n${length}`, '200', 200 | SeenAnswer.hasLength, 5],
]

t.test('what is read of a plain head', { skip }, async t => {
  for (const [row, lines, start, expected, contentLength = 0] of plain) {
    t.equal(readAgain(lines, start), expected, row)
    const [, headBytes, low, high] = scanner.places
    t.equal(headBytes, headOf(lines, start).length, row)
    t.equal(high! * 2 ** 32 + low!, contentLength, row)
  }
})

const odd: [row: string, head: string][] = [
  ['nothing', ''],
  ['HTTP/1.0', `HTTP/1.0 200 OK\r\n${length}\r\n`],
  ['another word', `ICY 200 OK xxxxx\r\n${length}\r\n`],
  ['a status of two digits', headOf(length, '20 OK')],
  ['a status of letters', headOf(length, '2x0 OK')],
  ['a status of four digits', headOf(length, '2000 OK')],
  ['an interim one', headOf(length, '103 Early Hints')],
  ['a switch', headOf(length, '101 X')],
  ['beyond all statuses', headOf(length, '600 X')],
  ['to the close', headOf('A: b\r\n')],
  ['both framings', headOf(`${length}Transfer-Encoding: chunked\r\n`)],
  ['another coding', headOf('Transfer-Encoding: gzip\r\n')],
  ['a coding in another case', headOf('Transfer-Encoding: Chunked\r\n')],
  ['chunked twice', headOf('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')],
  ['two lengths', headOf(length + length)],
  ['a list of lengths', headOf('Content-Length: 5, 5\r\n')],
  ['a sign', headOf('Content-Length: +5\r\n')],
  ['an empty length', headOf('Content-Length:\r\n')],
  ['a length of too many digits', headOf('Content-Length: 0000000000000001\r\n')],
  ['two dates', headOf(date + date + length)],
  ['a date of another form', headOf(`Date: Sunday, 06-Nov-94 08:49:37 GMT\r\n${length}`)],
  ['an empty name', headOf(`: b\r\n${length}`)],
  ['a blank in a name', headOf(`A B: c\r\n${length}`)],
  ['a blank behind a name', headOf(`A : c\r\n${length}`)],
  ['a folded line', headOf(`A: b\r\n c\r\n${length}`)],
  ['no colon', headOf(`A\r\n${length}`)],
  ['a bare line feed', headOf(`A: b\n${length}`)],
  ['a bare carriage return', headOf(`A: b\rc\r\n${length}`)],
  ['NUL', headOf(`A: b\0c\r\n${length}`)],
  ['DEL', headOf(`A: b\x7fc\r\n${length}`)],
  ['a control character in the words', headOf(length, '200 O\x01K')],
  ['a name that is too long', headOf(`${'a'.repeat(65)}: b\r\n${length}`)],
  ['too many lines', headOf('A: b\r\n'.repeat(64) + length)],
  ['a shape that is too long', headOf(`Vary: ${'a'.repeat(1_024)}\r\n${length}`)],
]

t.test('what is to be read whole', { skip }, async t => {
  for (const [row, head] of odd) {
    for (const turn of [1, 2]) t.equal(scanner.read(bytesOf(head), 0), SeenAnswer.odd, `${row}, ${turn}`)
  }
})

t.test(
  'a head that is cut anywhere is odd, and what stands behind one is not looked at',
  { skip },
  async t => {
    const head = headOf(`${date}Vary: a\r\n${length}`, '201 Made')
    for (let at = 0; at < head.length; at += 1) {
      t.equal(scanner.read(bytesOf(head.slice(0, at)), 0), SeenAnswer.odd, `${at} bytes`)
    }
    for (const rest of ['', 'h', 'hello', '\r\n', '\0'.repeat(9)]) {
      scanner.read(bytesOf(head + rest), 0)
      t.equal(scanner.places[1], head.length)
    }
    const behind = bytesOf(`xyz${head}`)
    const at = scanner.read(behind, 3) === SeenAnswer.odd ? 0 : 3 + scanner.places[4]!
    t.equal(behind.toString('latin1', at, at + 29), 'Sun, 06 Nov 1994 08:49:37 GMT')
  },
)

t.test('a date that was told last is not told again, whoever told it', { skip }, async t => {
  const other = 'Date: Mon, 07 Nov 1994 08:49:37 GMT\r\n'
  const { hasDate, isSameDate } = SeenAnswer
  const dateMarks = (lines: string) => readAgain(lines) & (hasDate | isSameDate)
  t.equal(dateMarks(length), 0)
  t.equal(dateMarks(date + length), hasDate | isSameDate)
  read(other + length)
  t.equal(read(length), 200 | SeenAnswer.hasLength, 'one without a date says nothing of it')
  t.equal(read(other + length) & isSameDate, isSameDate)
  t.equal(read(date + length) & (hasDate | isSameDate), hasDate)
  read(`${other}A\r\n`)
  t.equal(read(date + length) & isSameDate, isSameDate, 'an odd one neither')
})

t.test('no wrong argument makes it touch what it must not', { skip }, async t => {
  const addon = loadEngineAddon()!
  const answer = addon.answer as (...args: unknown[]) => number
  const keepLines = addon.keepLines as (...args: unknown[]) => number
  const answersInto = addon.answersInto as (...args: unknown[]) => void
  const bytes = bytesOf(headOf(length))
  const values = [undefined, null, 1, -1, 1.5, 'text', {}, [], new ArrayBuffer(64), new Uint16Array(64)]
  for (const value of [...values, Number.NaN, 2 ** 40, 2n, new DataView(new ArrayBuffer(64))]) {
    t.equal(answer(value, 0), SeenAnswer.odd)
    if (value !== 1) t.equal(answer(bytes, value), SeenAnswer.odd)
    scanner.read(bytes, 0)
    t.equal(keepLines(1, 0, value, 0), -1)
    if (value !== 1) t.equal(keepLines(1, 0, Buffer.alloc(500), value), -1)
    if (!(value instanceof ArrayBuffer)) t.throws(() => answersInto(value), TypeError)
  }
  t.equal(answer(bytes, bytes.length), SeenAnswer.odd)
  t.equal(answer(bytes, bytes.length + 1), SeenAnswer.odd)
  t.equal(answer(), SeenAnswer.odd)
  t.equal(keepLines(), -1)
  t.throws(() => answersInto(new ArrayBuffer(23)), /ArrayBuffer of at least 24 bytes/)
})
