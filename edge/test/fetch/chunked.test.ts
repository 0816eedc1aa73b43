import t from 'tap'
import { ChunkedBody, extensionBytesMax, trailerBytesMax } from '../../fetch/chunked.js'

/** The body, and where it ended; pieces of `size` bytes. */
function read(text: string, size = text.length): { body: string; end: number; isOver: boolean } {
  const chunked = new ChunkedBody()
  const bytes = Buffer.from(text, 'latin1')
  let body = ''
  let end = 0
  for (let at = 0; at < bytes.length && !chunked.isOver; at += size) {
    const piece = bytes.subarray(at, at + size)
    end =
      at +
      chunked.push(piece, 0, part => {
        body += part.toString('latin1')
      })
  }
  return { body, end, isOver: chunked.isOver }
}

const sound: [row: string, text: string, body: string][] = [
  ['RFC 9112 7.1', '4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n', 'Wikipedia'],
  ['nothing', '0\r\n\r\n', ''],
  ['a last chunk of many digits', '1\r\na\r\n000\r\n\r\n', 'a'],
  [
    'hexadecimal, in any case',
    '0A\r\n0123456789\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n',
    '0123456789abcdefghijklmnopqrstuvwxyz',
  ],
  ['7.1.1: extensions', '1;a=b;c="d e"\r\nx\r\n0;y\r\n\r\n', 'x'],
  ['7.1.2: trailers', '1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n', 'x'],
  ['line ends in the data', '4\r\n\r\n0\r\r\n0\r\n\r\n', '\r\n0\r'],
]
for (const [row, text, body] of sound) {
  t.test(`ChunkedBody ${row}, however it is cut`, async t => {
    for (let size = 1; size <= text.length; size++) {
      t.strictSame(read(text, size), { body, end: text.length, isOver: true })
    }
  })
}

t.test('ChunkedBody stops behind its last byte', async t => {
  const text = '1\r\nx\r\n0\r\n\r\n'
  t.strictSame(read(`${text}HTTP/1.1`), { body: 'x', end: text.length, isOver: true })
})

t.test('ChunkedBody waits for the rest', async t => {
  const text = '1\r\nx\r\n0\r\n\r\n'
  for (let end = 0; end < text.length; end++) t.notOk(read(text.slice(0, end)).isOver)
})

const broken: [row: string, text: string][] = [
  ['no size', '\r\nx\r\n'],
  ['no hexadecimal digit', 'g\r\n'],
  ['a prefix', '0x1\r\nx\r\n'],
  ['a sign', '-1\r\nx\r\n'],
  ['white space before a size', ' 1\r\nx\r\n'],
  ['white space behind a size', '1 \r\nx\r\n'],
  ['a size without end', `${'0'.repeat(14)}\r\n`],
  ['a bare LF behind a size', '1\nx\r\n'],
  ['a bare CR behind a size', '1\rx\r\n'],
  ['a bare LF behind an extension', '1;a\nx\r\n'],
  ['data that are longer', '1\r\nxy\r\n'],
  ['a bare LF behind the data', '1\r\nx\n0\r\n\r\n'],
  ['a bare CR behind the data', '1\r\nx\r0\r\n\r\n'],
  ['a control character in an extension', '1;\0\r\nx\r\n'],
  ['a control character in a trailer', '0\r\nA: \x01\r\n\r\n'],
  ['a bare LF in the trailers', '0\r\nA: b\n\r\n'],
  ['a bare LF at the end', '0\r\n\n'],
  ['a CR without LF at the end', '0\r\n\rx'],
  ['extensions without end', `1;${'a'.repeat(extensionBytesMax + 1)}`],
  ['extensions without end in many chunks', '1;aaaaaaa\r\nx\r\n'.repeat(extensionBytesMax / 8 + 1)],
  ['trailers without end', `0\r\n${'A: b\r\n'.repeat(trailerBytesMax / 4)}`],
]
for (const [row, text] of broken) {
  t.test(`ChunkedBody refuses ${row}`, async t => {
    t.throws(() => read(text), { code: 'bad-response' })
    t.throws(() => read(text, 1), { code: 'bad-response' })
  })
}
