import t from 'tap'
import { type Framing, fieldLinesMax, framingOf, parseHead } from '../../fetch/response-head.js'

const bad = { code: 'bad-response', status: 502, source: 'origin' }

const heads: [row: string, text: string, status: number, fields: string[], isPersistent: boolean][] = [
  ['RFC 9112 4', 'HTTP/1.1 200 OK\r\nA: b\r\n', 200, ['A', 'b'], true],
  ['no field', 'HTTP/1.1 404 Not Found\r\n', 404, [], true],
  ['an empty reason', 'HTTP/1.1 200 \r\n', 200, [], true],
  ['no space before an absent reason', 'HTTP/1.1 200\r\n', 200, [], true],
  ['a reason with bytes over 127', 'HTTP/1.1 200 \xc3\xa4\r\n', 200, [], true],
  ['RFC 9110 15: an unknown status', 'HTTP/1.1 799 X\r\n', 799, [], true],
  ['RFC 9112 9.3: HTTP/1.0', 'HTTP/1.0 200 OK\r\n', 200, [], false],
  ['close', 'HTTP/1.1 200 OK\r\nConnection: close\r\n', 200, ['Connection', 'close'], false],
  [
    'close among others',
    'HTTP/1.1 200 OK\r\nconnection: x, Close\r\n',
    200,
    ['connection', 'x, Close'],
    false,
  ],
  [
    'close on a second line',
    'HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: close\r\n',
    200,
    ['Connection', 'x', 'Connection', 'close'],
    false,
  ],
  ['a word that begins so', 'HTTP/1.1 200 OK\r\nConnection: closed\r\n', 200, ['Connection', 'closed'], true],
  ['white space around a value', 'HTTP/1.1 200 OK\r\nA: \t b c\t \r\n', 200, ['A', 'b c'], true],
  ['no white space', 'HTTP/1.1 200 OK\r\nA:b\r\n', 200, ['A', 'b'], true],
  ['no value', 'HTTP/1.1 200 OK\r\nA:\r\nB:  \r\n', 200, ['A', '', 'B', ''], true],
  ['a colon in a value', 'HTTP/1.1 200 OK\r\nA: b:c\r\n', 200, ['A', 'b:c'], true],
  [
    'all of a token',
    "HTTP/1.1 200 OK\r\n!#$%&'*+-.^_`|~09azAZ: b\r\n",
    200,
    ["!#$%&'*+-.^_`|~09azAZ", 'b'],
    true,
  ],
  ['bytes over 127', 'HTTP/1.1 200 OK\r\nA: \xe4\r\n', 200, ['A', '\xe4'], true],
]
for (const [row, text, status, fields, isPersistent] of heads) {
  t.test(`parseHead() ${row}`, async t => t.strictSame(parseHead(text), { status, fields, isPersistent }))
}

const unusable: [row: string, text: string][] = [
  ['nothing', '\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
  ['HTTP/2', 'HTTP/2 200 OK\r\n'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n'],
  ['lower case', 'http/1.1 200 OK\r\n'],
  ['two digits', 'HTTP/1.1 20 OK\r\n'],
  ['four digits', 'HTTP/1.1 2000 OK\r\n'],
  ['a status below 100', 'HTTP/1.1 099 OK\r\n'],
  ['a number, but not of digits', 'HTTP/1.1 1e2 OK\r\n'],
  ['a sign', 'HTTP/1.1 +20 OK\r\n'],
  ['spaces for digits', 'HTTP/1.1  20 OK\r\n'],
  ['two spaces', 'HTTP/1.1  200 OK\r\n'],
  ['white space before the line', ' HTTP/1.1 200 OK\r\n'],
  ['RFC 9112 5.1: white space before the colon', 'HTTP/1.1 200 OK\r\nA : b\r\n'],
  ['RFC 9112 5.2: a line that goes on', 'HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\n'],
  ['no colon', 'HTTP/1.1 200 OK\r\nA b\r\n'],
  ['no name', 'HTTP/1.1 200 OK\r\n: b\r\n'],
  ['a name that is no token', 'HTTP/1.1 200 OK\r\nA(: b\r\n'],
  ['RFC 9112 2.2: a bare CR', 'HTTP/1.1 200 OK\r\nA: b\rC: d\r\n'],
  ['a bare LF', 'HTTP/1.1 200 OK\r\nA: b\nC: d\r\n'],
  ['a bare LF behind the status line', 'HTTP/1.1 200 OK\nA: b\r\n'],
  ['NUL', 'HTTP/1.1 200 OK\r\nA: b\0\r\n'],
  ['DEL', 'HTTP/1.1 200 OK\r\nA: b\x7f\r\n'],
  ['a control character in the reason', 'HTTP/1.1 200 O\x01K\r\n'],
  ['too many lines', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(fieldLinesMax + 1)}`],
]
for (const [row, text] of unusable) {
  t.test(`parseHead() refuses ${row}`, async t => t.throws(() => parseHead(text), bad))
}

t.test('parseHead() takes as many lines as there may be', async t => {
  const { fields } = parseHead(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(fieldLinesMax)}`)
  t.equal(fields.length, 2 * fieldLinesMax)
})

function framing(
  fields: string[],
  more: { method?: string; status?: number; allow?: boolean } = {},
): Framing {
  const { method = 'GET', status = 200, allow: allowUnknownTransferCoding = false } = more
  return framingOf({ method, status, fields, allowUnknownTransferCoding })
}

const none: Framing = { kind: 'none' }
const close: Framing = { kind: 'close' }
const chunked: Framing = { kind: 'chunked' }
const ofFive: Framing = { kind: 'length', bytes: 5 }
const framings: [row: string, expected: Framing, fields: string[], more?: Parameters<typeof framing>[1]][] = [
  ['RFC 9112 6.3.8: nothing said', close, []],
  ['6.3.6: a length', ofFive, ['Content-Length', '5']],
  ['in any case', ofFive, ['cONTENT-lENGTH', '05']],
  ['RFC 9110 8.6: the same twice', ofFive, ['Content-Length', '5', 'Content-Length', '5']],
  ['in one line', ofFive, ['Content-Length', '5, 5']],
  ['of nothing', none, ['Content-Length', '0']],
  ['6.3.4: chunks', chunked, ['Transfer-Encoding', 'chunked']],
  ['in any case', chunked, ['transfer-encoding', 'CHUNKED']],
  ['6.3.1: HEAD', none, ['Content-Length', '5'], { method: 'HEAD' }],
  ['HEAD of chunks', none, ['Transfer-Encoding', 'chunked'], { method: 'HEAD' }],
  ['204', none, ['Content-Length', '5'], { status: 204 }],
  ['304', none, [], { status: 304 }],
  ['fields of the same length', close, ['Content-Lengxx', '5', 'Transfer-Encodinx', 'chunked']],
  ['a coding that the site allows', close, ['Transfer-Encoding', 'x'], { allow: true }],
]
for (const [row, expected, fields, more] of framings) {
  t.test(`framingOf() ${row}`, async t => t.strictSame(framing(fields, more), expected))
}

const smuggled: [row: string, fields: string[], more?: Parameters<typeof framing>[1]][] = [
  ['6.1: both', ['Content-Length', '5', 'Transfer-Encoding', 'chunked']],
  ['both, of HEAD', ['Content-Length', '5', 'Transfer-Encoding', 'chunked'], { method: 'HEAD' }],
  ['both, where codings are allowed', ['Content-Length', '5', 'Transfer-Encoding', 'x'], { allow: true }],
  ['lengths that differ', ['Content-Length', '5', 'Content-Length', '6']],
  ['in one line', ['Content-Length', '5, 6']],
  ['no digits', ['Content-Length', '']],
  ['a sign', ['Content-Length', '+5']],
  ['hexadecimal', ['Content-Length', '0x5']],
  ['an empty member', ['Content-Length', '5,']],
  ['beyond exact numbers', ['Content-Length', '9007199254740993']],
  ['an unknown coding', ['Transfer-Encoding', 'gzip']],
  ['under chunked', ['Transfer-Encoding', 'gzip, chunked']],
  ['chunked twice', ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
  ['with a parameter', ['Transfer-Encoding', 'chunked;q=1']],
  ['no coding', ['Transfer-Encoding', '']],
]
for (const [row, fields, more] of smuggled) {
  t.test(`framingOf() refuses ${row}`, async t => t.throws(() => framing(fields, more), bad))
}
