import t from 'tap'
import { type ProxyHeader, readProxyHeader } from '../../accept/proxy-header.js'
import { binaryHeader, four, six } from '../support/proxy-headers.js'

const incomplete: ProxyHeader = { kind: 'incomplete' }
const absent: ProxyHeader = { kind: 'absent' }
const malformed: ProxyHeader = { kind: 'malformed' }

/** A header and whose it is; behind it comes a request. */
const complete: [row: string, header: string | Buffer, address: string | undefined][] = [
  ['1, IPv4', 'PROXY TCP4 198.51.100.7 10.0.0.1 1000 80\r\n', '198.51.100.7'],
  ['1, IPv6', 'PROXY TCP6 2001:DB8:0:0::7 ::1 1000 80\r\n', '2001:db8::7'],
  ['1, IPv4 as IPv6', 'PROXY TCP6 ::ffff:198.51.100.7 ::1 1000 80\r\n', '198.51.100.7'],
  ['1, ports at their ends', 'PROXY TCP4 198.51.100.7 10.0.0.1 0 65535\r\n', '198.51.100.7'],
  ['1, unknown', 'PROXY UNKNOWN\r\n', undefined],
  ['1, unknown with more', `PROXY UNKNOWN ${'f'.repeat(91)}\r\n`, undefined],
  ['2, IPv4', binaryHeader(0x21, 0x11, four), '198.51.100.7'],
  ['2, IPv6', binaryHeader(0x21, 0x21, six), '2001:db8::7'],
  [
    '2, IPv4 as IPv6',
    binaryHeader(
      0x21,
      0x21,
      Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255]), four, Buffer.alloc(12)]),
    ),
    '198.51.100.7',
  ],
  [
    '2, with more values',
    binaryHeader(0x21, 0x11, Buffer.concat([four, Buffer.alloc(4068)])),
    '198.51.100.7',
  ],
  ['2, of the proxy itself', binaryHeader(0x20, 0x11, four), undefined],
  ['2, of the proxy itself, without addresses', binaryHeader(0x20, 0, Buffer.alloc(0)), undefined],
  ['2, of no family', binaryHeader(0x21, 0, Buffer.alloc(3)), undefined],
  ['2, of a unix socket', binaryHeader(0x21, 0x31, Buffer.alloc(216)), undefined],
]
for (const [row, header, address] of complete) {
  t.test(`readProxyHeader() reads version ${row}, however much of it has come`, async t => {
    const bytes = Buffer.from(header)
    for (let length = 0; length < bytes.length; length += 1) {
      t.strictSame(readProxyHeader(bytes.subarray(0, length)), incomplete, `${length} bytes`)
    }
    const expected = { kind: 'complete', length: bytes.length, address }
    t.strictSame(readProxyHeader(bytes), expected)
    t.strictSame(readProxyHeader(Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1\r\n')])), expected)
  })
}

const others: [row: string, bytes: string | Buffer, expected: ProxyHeader][] = [
  ['a request', 'GET / HTTP/1.1\r\n', absent],
  ['a method with the same beginning', 'PR', incomplete],
  ['that method', 'PROPFIND / HTTP/1.1\r\n', absent],
  ['TLS', Buffer.from([0x16, 3, 1]), absent],
  ['an empty line before a request', '\r\nGET / HTTP/1.1\r\n', absent],
  ['another family', 'PROXY UDP4 198.51.100.7 10.0.0.1 1000 80\r\n', malformed],
  ['no family', 'PROXY \r\n', malformed],
  ['no address', 'PROXY TCP4\r\n', malformed],
  ['an address of the other family', 'PROXY TCP4 ::1 ::1 1000 80\r\n', malformed],
  ['IPv4 under TCP6', 'PROXY TCP6 198.51.100.7 10.0.0.1 1000 80\r\n', malformed],
  ['an address with a zone', 'PROXY TCP6 fe80::1%eth0 ::1 1000 80\r\n', malformed],
  ['a wrong second address', 'PROXY TCP4 198.51.100.7 10.0.0 1000 80\r\n', malformed],
  ['no ports', 'PROXY TCP4 198.51.100.7 10.0.0.1\r\n', malformed],
  ['a port beyond', 'PROXY TCP4 198.51.100.7 10.0.0.1 65536 80\r\n', malformed],
  ['a port with a sign', 'PROXY TCP4 198.51.100.7 10.0.0.1 1000 +80\r\n', malformed],
  ['two spaces', 'PROXY TCP4  198.51.100.7 10.0.0.1 1000 80\r\n', malformed],
  ['a word too many', 'PROXY TCP4 198.51.100.7 10.0.0.1 1000 80 9\r\n', malformed],
  ['a bare LF', 'PROXY TCP4 198.51.100.7 10.0.0.1 1000 80\nGET / HTTP/1.1\r\n', malformed],
  ['107 bytes without an end', `PROXY UNKNOWN ${'f'.repeat(93)}`, malformed],
  ['108 bytes', `PROXY UNKNOWN ${'f'.repeat(92)}\r\n`, malformed],
  ['version 3', binaryHeader(0x31, 0x11, four), malformed],
  ['another command', binaryHeader(0x22, 0x11, four), malformed],
  ['addresses that are too short', binaryHeader(0x21, 0x11, four.subarray(1)), malformed],
  [
    'too many values',
    binaryHeader(0x21, 0x11, Buffer.concat([four, Buffer.alloc(4069)])).subarray(0, 16),
    malformed,
  ],
]
for (const [row, bytes, expected] of others) {
  t.test(`readProxyHeader() on ${row}`, async t => {
    t.strictSame(readProxyHeader(Buffer.from(bytes)), expected)
  })
}
