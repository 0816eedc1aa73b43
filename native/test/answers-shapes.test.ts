// Which heads of responses are of one shape, what happens where two share a slot, and which lines are kept of one.
import t from 'tap'
import { type AnswerScanner, answerScanner, SeenAnswer } from '../answers.js'

const scanner = answerScanner() as AnswerScanner
const skip = scanner === undefined ? 'no addon for the engine' : false
const length = 'Content-Length: 5\r\n'

const headOf = (lines: string, status = 200) => Buffer.from(`HTTP/1.1 ${status} X\r\n${lines}\r\n`, 'latin1')
const read = (lines: string, status?: number) => scanner.read(headOf(lines, status), 0)

/** Of a head that has been seen. */
function slotOf(lines: string, status?: number): number {
  while (read(lines, status) === SeenAnswer.odd);
  return scanner.places[0]!
}

/** Whether the second is found where the first has just been. */
function isSame(first: string, second: string, status?: number): boolean {
  const slot = slotOf(first)
  const seen = read(second, status)
  return seen !== SeenAnswer.odd && (seen & SeenAnswer.isNewShape) === 0 && scanner.places[0] === slot
}

const same: [row: string, first: string, second: string][] = [
  ['the same', `A: b\r\n${length}`, `A: b\r\n${length}`],
  ['names in another case', `A-B: c\r\n${length}`, `a-b: c\r\n${length.toUpperCase()}`],
  ['another value', `Set-Cookie: a=1\r\n${length}`, `Set-Cookie: b=2; Path=/\r\n${length}`],
  ['another length', length, 'Content-Length: 0\r\n'],
  ['other blanks', `Vary: a\r\n${length}`, `Vary:  \ta \r\n${length}`],
  ['another date', `Date: ${'x'.repeat(29)}\r\n${length}`, `Date: ${'y'.repeat(29)}\r\n${length}`],
  ['another tag', `ETag: "a"\r\n${length}`, `ETag: W/"b"\r\n${length}`],
  ['another time', `Expires: 0\r\n${length}`, `Expires: 1\r\n${length}`],
]

t.test('heads of one shape', { skip }, async t => {
  for (const [row, first, second] of same) t.ok(isSame(first, second), row)
})

/** Every name whose value counts; any that ends with -control may be that of a targeted field. */
const watched = [
  ...['Vary', 'Pragma', 'Connection', 'Keep-Alive', 'Content-Type', 'Content-Encoding', 'Cache-Control'],
  ...['CDN-Cache-Control', 'Surrogate-Control', 'My-Cache-Control', 'x-control'],
]

t.test('heads of different shapes', { skip }, async t => {
  for (const name of watched) {
    t.notOk(isSame(`${name}: a\r\n${length}`, `${name}: b\r\n${length}`), `${name}: another value`)
    t.notOk(isSame(`${name}: a\r\n${length}`, `${name}: A\r\n${length}`), `${name}: another case`)
    t.notOk(isSame(`${name}: a\r\n${length}`, `${name}:\r\n${length}`), `${name}: none`)
    t.notOk(isSame(`${name}: a\r\n${name}: b\r\n${length}`, `${name}: b\r\n${name}: a\r\n${length}`), name)
  }
  const rows: [row: string, first: string, second: string][] = [
    ['another order', `A: b\r\n${length}`, `${length}A: b\r\n`],
    ['a line more', `A: b\r\n${length}`, `A: b\r\nA: b\r\n${length}`],
    ['another name', `A: b\r\n${length}`, `B: b\r\n${length}`],
    ['another framing', length, 'Transfer-Encoding: chunked\r\n'],
    ['a value that looks like a name', `Vary: a\r\nB: c\r\n${length}`, `Vary: ab:\r\n${length}`],
  ]
  for (const [row, first, second] of rows) t.notOk(isSame(first, second), row)
  t.notOk(isSame(length, length, 201), 'another status')
})

t.test('where another shape is, one comes in its place when it is seen twice', { skip }, async t => {
  const first = `First: 1\r\n${length}`
  const slot = slotOf(first)
  let other = ''
  for (let number = 0; other === ''; number += 1) {
    const lines = `Other-${number}: 1\r\n${length}`
    if (read(lines) === SeenAnswer.odd && slotOf(lines) === slot) other = lines
  }
  const known = 200 | SeenAnswer.hasLength
  t.equal(read(other), known, 'it has come in its place')
  t.equal(read(first), SeenAnswer.odd, 'what it drove out is seen once')
  t.equal(read(other), known, 'and so drives nothing out')
  t.equal(read(first), known | SeenAnswer.isNewShape)
  t.equal(scanner.places[0], slot)
  t.equal(read(first), known)
})

const room = Buffer.alloc(8_192)

function kept(lines: string, low: number, high = 0): string {
  slotOf(lines)
  // Where the head lies counts, not only that it was read.
  const head = headOf(lines)
  scanner.read(head, 0)
  const bytes = scanner.keep(low, high, room, 7)
  return room.toString('latin1', 7, 7 + bytes)
}

t.test('keep(): the lines that are wanted, one blank in each', { skip }, async t => {
  const lines = `A:1\r\nb-B: \t 2 \r\nC:\r\nA: \xe9\t4\r\n${length}`
  t.equal(kept(lines, 0), '')
  t.equal(kept(lines, 0b00001), 'A: 1\r\n')
  t.equal(kept(lines, 0b01010), 'b-B: 2\r\nA: \xe9\t4\r\n')
  t.equal(kept(lines, 0b00100), 'C: \r\n')
  t.equal(kept(lines, 0xffff_ffff, 0xffff_ffff), `A: 1\r\nb-B: 2\r\nC: \r\nA: \xe9\t4\r\n${length}`)
})

t.test('keep(): of the most lines that there may be, the first and the last', { skip }, async t => {
  const names = Array.from({ length: 63 }, (_, at) => `N${at}:\r\n`)
  const lines = `${names.join('')}${length}`
  t.equal(kept(lines, 1, 0), 'N0: \r\n')
  t.equal(kept(lines, 0x8000_0000, 1), 'N31: \r\nN32: \r\n')
  t.equal(kept(lines, 0, 0x8000_0000), length)
  t.equal(kept(lines, 0xffff_ffff, 0xffff_ffff), lines.replaceAll(':\r', ': \r'))
})

t.test('keep(): only with room, and only of a head that was not odd', { skip }, async t => {
  const head = headOf(`A:b\r\n${length}`)
  const enough = Buffer.allocUnsafeSlow(head.length + 128)
  scanner.read(head, 0)
  while (scanner.read(head, 0) === SeenAnswer.odd);
  t.equal(scanner.keep(1, 0, enough, 0), 6)
  t.equal(scanner.keep(1, 0, enough, 1), -1)
  t.equal(scanner.keep(1, 0, enough.subarray(1), 0), -1)
  const behind = Buffer.from('Via: x')
  t.equal(scanner.keep(1, 0, enough, 0, behind), -1, 'that goes behind needs room, too')
  const more = Buffer.alloc(enough.length + behind.length)
  t.equal(scanner.keep(1, 0, more, 0, behind), 12)
  t.equal(more.toString('latin1', 0, 12), 'A: b\r\nVia: x')
  t.equal(scanner.keep(1, 0, more, 0, new Uint8Array(0)), 6)
  for (const wrong of ['Via', 5, null, {}])
    t.equal(scanner.keep(1, 0, more, 0, wrong as never), 6, String(wrong))
  scanner.read(head.subarray(0, 20), 0)
  t.equal(scanner.keep(1, 0, enough, 0), -1)
})
