// Messages as clients may send them, byte by byte, and what has to come of each (http-rules.md A): what the client sees,
// on either engine, and what the origin does. `/~~` is the target of the row; whatever reaches the origin under another
// one was smuggled.

/** The statuses of all answers in their order; none: the connection ends, or waits, without one. */
export type Seen = readonly number[]

export interface Message {
  readonly name: string
  readonly bytes: string
  readonly uws: Seen
  readonly node: Seen
  /** Method and body of each request at the origin; of what is not answered with 200 it is the most that it may hear. */
  readonly origin: readonly string[]
}

type Row = readonly [name: string, bytes: string, seen: Seen | { uws: Seen; node: Seen }, ...origin: string[]]

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const chunked = 'Transfer-Encoding: chunked'

function get(...lines: string[]): string {
  return ['GET /~~ HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n')
}

function post(lines: string[], body: string): string {
  return ['POST /~~ HTTP/1.1', 'Host: a', ...lines, '', body].join('\r\n')
}

function line(text: string, ...lines: string[]): string {
  return [text, 'Host: a', ...lines, '', ''].join('\r\n')
}

function host(...lines: string[]): string {
  return ['GET /~~ HTTP/1.1', ...lines, '', ''].join('\r\n')
}

function chunks(body: string): string {
  return post([chunked], body)
}

const no: Seen = []
const bad: Seen = [400]
const ok: Seen = [200]

const lengths: Row[] = [
  ['a length', post(['Content-Length: 5'], 'hello'), ok, 'POST hello'],
  ['a length with zeros in front', post(['Content-Length: 005'], 'hello'), ok, 'POST hello'],
  ['a length with space around', post(['Content-Length:  5 '], 'hello'), ok, 'POST hello'],
  ['a length of 0', post(['Content-Length: 0'], ''), ok, 'POST '],
  ['no length and no body', post([], ''), ok, 'POST '],
  ['two lengths, different', post(['Content-Length: 5', 'Content-Length: 6'], 'hello'), bad],
  ['two lengths, equal', post(['Content-Length: 5', 'Content-Length: 5'], 'hello'), bad],
  ['an empty length', post(['Content-Length:'], ''), bad],
  ['an empty length, then another', post(['Content-Length:', 'Content-Length: 5'], 'hello'), bad],
  ['a length, then an empty one', post(['Content-Length: 5', 'Content-Length:'], 'hello'), bad],
  ['a length with a plus', post(['Content-Length: +5'], 'hello'), bad],
  ['a negative length', post(['Content-Length: -1'], ''), bad],
  ['a list of lengths', post(['Content-Length: 5, 5'], 'hello'), bad],
  ['a length in hex', post(['Content-Length: 0x5'], 'hello'), bad],
  ['a length with a fraction', post(['Content-Length: 5.0'], 'hello'), bad],
  ['a length with a space within', post(['Content-Length: 1 5'], 'hello'), bad],
  ['a length of 20 digits', post(['Content-Length: 10000000000000000000'], ''), bad],
  ['a length of 30 digits', post([`Content-Length: ${'9'.repeat(30)}`], ''), bad],
  ['a length that is a word', post(['Content-Length: five'], 'hello'), bad],
  ['a length in digits of another script', post(['Content-Length: \xd9\xa5'], 'hello'), bad],
  ['a length beyond the limit', post(['Content-Length: 1001'], ''), [413]],
  ['a length and a coding', post(['Content-Length: 5', chunked], '0\r\n\r\n'), bad],
  ['a coding and a length', post([chunked, 'Content-Length: 5'], '0\r\n\r\n'), bad],
  ['a length of 0 and a coding', post(['Content-Length: 0', chunked], '0\r\n\r\n'), bad],
  ['less than the length', post(['Content-Length: 50'], 'hello'), no, 'POST (broken)'],
  ['more than the length', `${post(['Content-Length: 5'], 'hello')}XXXX`, ok, 'POST hello'],
]

const codings: Row[] = [
  ['identity', post(['Transfer-Encoding: identity'], ''), bad],
  ['xchunked', post(['Transfer-Encoding: xchunked'], '0\r\n\r\n'), bad],
  ['chunkedx', post(['Transfer-Encoding: chunkedx'], '0\r\n\r\n'), bad],
  ['gzip, chunked', post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'), bad],
  ['chunked, identity', post(['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'), bad],
  ['chunked, chunked', post(['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'), bad],
  ['chunked on two lines', post([chunked, chunked], '0\r\n\r\n'), bad],
  ['an empty coding', post(['Transfer-Encoding:'], ''), bad],
  ['an empty coding, then chunked', post(['Transfer-Encoding:', chunked], '0\r\n\r\n'), bad],
  ['chunked, then an empty one', post([chunked, 'Transfer-Encoding:'], '0\r\n\r\n'), bad],
  ['chunked in quotes', post(['Transfer-Encoding: "chunked"'], '0\r\n\r\n'), bad],
  ['chunked with a parameter', post(['Transfer-Encoding: chunked;q=1'], '0\r\n\r\n'), bad],
  ['a comma before chunked', post(['Transfer-Encoding: , chunked'], '0\r\n\r\n'), bad],
  [
    'a tab before chunked',
    post(['Transfer-Encoding:\tchunked'], '5\r\nhello\r\n0\r\n\r\n'),
    ok,
    'POST hello',
  ],
  ['a vertical tab before chunked', post(['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'), bad],
  ['chunked in capitals', post(['Transfer-Encoding: CHUNKED'], '5\r\nhello\r\n0\r\n\r\n'), ok, 'POST hello'],
  ['a coding with a space before its colon', post(['Transfer-Encoding : chunked'], '0\r\n\r\n'), bad],
  ['a coding folded', post(['Transfer-Encoding:\r\n chunked'], '0\r\n\r\n'), bad],
  ['a coding with an underscore is another field', post(['Transfer_Encoding: chunked'], ''), ok, 'POST '],
]

const bodies: Row[] = [
  ['one chunk', chunks('5\r\nhello\r\n0\r\n\r\n'), ok, 'POST hello'],
  ['two chunks', chunks('2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'), ok, 'POST hello'],
  ['no chunk', chunks('0\r\n\r\n'), ok, 'POST '],
  ['a size with zeros in front', chunks('0005\r\nhello\r\n0\r\n\r\n'), ok, 'POST hello'],
  ['a size in capitals', chunks('A\r\n0123456789\r\n0\r\n\r\n'), ok, 'POST 0123456789'],
  ['a size in small letters', chunks('a\r\n0123456789\r\n0\r\n\r\n'), ok, 'POST 0123456789'],
  ['a last chunk of several zeros', chunks('5\r\nhello\r\n000\r\n\r\n'), ok, 'POST hello'],
  [
    'a follower behind it',
    `${chunks('5\r\nhello\r\n0\r\n\r\n')}${get()}`,
    { uws: no, node: [200, 200] },
    'POST hello',
    'GET ',
  ],
  ['a size with 0x', chunks('0x5\r\nhello\r\n0\r\n\r\n'), bad],
  ['a negative size', chunks('-5\r\nhello\r\n0\r\n\r\n'), bad],
  ['a size that is no number', chunks('z\r\nhello\r\n0\r\n\r\n'), bad],
  ['a size of 17 digits', chunks('00000000000000005\r\nhello\r\n0\r\n\r\n'), ok, 'POST hello'],
  ['a size that overflows 64 bits', chunks('10000000000000005\r\nhello\r\n0\r\n\r\n'), bad],
  ['a body beyond the limit', chunks(`7d0\r\n${'x'.repeat(2_000)}\r\n0\r\n\r\n`), [413], 'POST (broken)'],
  ['the end is missing', chunks('5\r\nhello\r\n'), no, 'POST (broken)'],
]

const hosts: Row[] = [
  ['a host', host('Host: a'), ok, 'GET '],
  ['a host with a port', host('Host: a:8080'), ok, 'GET '],
  ['a host with an empty port', host('Host: a:'), ok, 'GET '],
  ['a host with a dot behind', host('Host: a.'), ok, 'GET '],
  ['a host in capitals', host('HOST: A'), ok, 'GET '],
  ['an IPv4 address', host('Host: 127.0.0.1'), ok, 'GET '],
  ['an IPv6 address', host('Host: [::1]:80'), ok, 'GET '],
  ['no host', host('X: y'), bad],
  ['two hosts', host('Host: a', 'Host: b'), bad],
  ['the same host twice', host('Host: a', 'Host: a'), bad],
  ['an empty host', host('Host:'), bad],
  ['a host of a space', host('Host:  '), bad],
  ['a host with a space', host('Host: a b'), bad],
  ['a host with a tab', host('Host: a\tb'), bad],
  ['a host with a path', host('Host: a/b'), bad],
  ['a host with a query', host('Host: a?b'), bad],
  ['a host with a fragment', host('Host: a#b'), bad],
  ['a host with a user', host('Host: b@a'), bad],
  ['a host with a comma', host('Host: a, b'), bad],
  ['a host with a bad port', host('Host: a:80a'), bad],
  ['a host with a port too large', host('Host: a:65536'), bad],
  ['a host with two ports', host('Host: a:80:80'), bad],
  ['a host with an open bracket', host('Host: [::1'), bad],
  ['a host with a zone', host('Host: [fe80::1%eth0]'), bad],
  ['a host with bytes over 127', host('Host: \xe4.example'), bad],
  ['a host with an escape', host('Host: a%2eb'), bad],
  ['a host with an empty label', host('Host: a..b'), bad],
  ['a host of 300 letters', host(`Host: ${'a'.repeat(300)}`), bad],
  ['a host folded', host('Host:\r\n a'), bad],
  ['a host with a space before its colon', host('Host : a'), bad],
]

const targets: Row[] = [
  ['a fragment', line('GET /~~#b HTTP/1.1'), bad],
  ['bytes over 127', line('GET /~~\xc3\xa4 HTTP/1.1'), bad],
  ['bytes that are no UTF-8', line('GET /~~\xff\x80 HTTP/1.1'), bad],
  ['a control character', line('GET /~~\x01 HTTP/1.1'), { uws: [505], node: bad }],
  ['DEL', line('GET /~~\x7f HTTP/1.1'), bad],
  ['NUL', line('GET /~~\0 HTTP/1.1'), { uws: [505], node: bad }],
  ['a tab', line('GET /~~\tx HTTP/1.1'), { uws: [505], node: bad }],
  ['a backslash', line('GET /~~\\..\\b HTTP/1.1'), bad],
  ['a quote', line('GET /~~" HTTP/1.1'), ok, 'GET '],
  ['angle brackets', line('GET /~~<b> HTTP/1.1'), ok, 'GET '],
  ['a caret', line('GET /~~^ HTTP/1.1'), ok, 'GET '],
  ['a broken escape', line('GET /~~%2 HTTP/1.1'), bad],
  ['an escape of no hex digits', line('GET /~~%zz HTTP/1.1'), bad],
  ['an escaped NUL', line('GET /~~%00 HTTP/1.1'), ok, 'GET '],
  ['a target over 8 KiB', line(`GET /~~${'a'.repeat(8_192)} HTTP/1.1`), [414]],
  ['a query over 8 KiB', line(`GET /~~?${'a'.repeat(8_191)} HTTP/1.1`), [414]],
  ['no slash in front', line('GET ~~ HTTP/1.1'), { uws: [505], node: bad }],
  ['an absolute target', line('GET http://a/~~ HTTP/1.1'), { uws: [505], node: ok }, 'GET '],
  ['an absolute target of another scheme', line('GET ftp://a/~~ HTTP/1.1'), { uws: [505], node: bad }],
  ['an absolute target with a user', line('GET http://u@a/~~ HTTP/1.1'), { uws: [505], node: bad }],
  ['an absolute target without a host', line('GET http:///~~ HTTP/1.1'), { uws: [505], node: bad }],
  ['an absolute target with a fragment', line('GET http://a/~~#b HTTP/1.1'), { uws: [505], node: bad }],
  ['an authority', line('GET a:80 HTTP/1.1'), { uws: [505], node: bad }],
]

const lines: Row[] = [
  ['a method that is no token', line('G(T /~~ HTTP/1.1'), bad],
  ['an empty method', line(' /~~ HTTP/1.1'), { uws: bad, node: bad }],
  ['CONNECT of a path', line('CONNECT /~~ HTTP/1.1'), [405]],
  ['CONNECT of an authority', line('CONNECT a:443 HTTP/1.1'), { uws: [505], node: [405] }],
  ['TRACE', line('TRACE /~~ HTTP/1.1'), [405]],
  ['a method in small letters, which the origin does not know', line('get /~~ HTTP/1.1'), bad],
  ['HTTP/1.0', line('GET /~~ HTTP/1.0'), { uws: [505], node: ok }, 'GET '],
  ['HTTP/1.0 without a host', 'GET /~~ HTTP/1.0\r\n\r\n', { uws: [505], node: ok }, 'GET '],
  ['HTTP/1.2', line('GET /~~ HTTP/1.2'), { uws: [505], node: bad }],
  ['HTTP/2.0', line('GET /~~ HTTP/2.0'), [505]],
  ['HTTP/11', line('GET /~~ HTTP/11'), { uws: [505], node: bad }],
  ['HTTP in small letters', line('GET /~~ http/1.1'), { uws: [505], node: bad }],
  ['no version', 'GET /~~\r\n\r\n', [505]],
  ['two spaces before the target', line('GET  /~~ HTTP/1.1'), { uws: [505], node: ok }, 'GET '],
  ['two spaces before the version', line('GET /~~  HTTP/1.1'), { uws: [505], node: ok }, 'GET '],
  ['a space behind the version', line('GET /~~ HTTP/1.1 '), { uws: [505], node: bad }],
  ['a space in the target', line('GET /~~ b HTTP/1.1'), { uws: [505], node: bad }],
  ['a tab for a space', line('GET\t/~~ HTTP/1.1'), { uws: [505], node: bad }],
  ['a bare LF behind the request line', 'GET /~~ HTTP/1.1\nHost: a\r\n\r\n', { uws: [505], node: bad }],
  ['bare LFs alone', 'GET /~~ HTTP/1.1\nHost: a\n\n', { uws: [505], node: bad }],
  [
    'TLS to a port of plain HTTP',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    { uws: [505], node: bad },
  ],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', { uws: [505], node: bad }],
]

const fields: Row[] = [
  ['a bare LF in a field', get('X: y\nZ: w'), bad],
  ['a bare CR in a field', get('X: y\rZ: w'), { uws: no, node: bad }],
  ['NUL in a value', get('X: \0'), bad],
  ['a control character in a value', get('X: a\x01b'), bad],
  ['DEL in a value', get('X: a\x7fb'), bad],
  ['a tab in a value', get('X: a\tb'), ok, 'GET '],
  ['bytes over 127 in a value', get('X: \xe4'), ok, 'GET '],
  ['a folded line', get('X: y', ' z'), bad],
  ['a folded line with a tab', get('X: y', '\tz'), bad],
  ['a folded line first', 'GET /~~ HTTP/1.1\r\n Host: a\r\n\r\n', bad],
  ['a space before the colon', get('X : y'), bad],
  ['a tab before the colon', get('X\t: y'), bad],
  ['no colon', get('X'), bad],
  ['a name with a space', get('X Y: z'), bad],
  ['a name with a bracket', get('X(Y: z'), bad],
  ['a name with bytes over 127', get('\xe4: z'), bad],
  ['a name of a colon', get(':a: z'), { uws: ok, node: bad }, 'GET '],
  ['an empty value', get('X:'), ok, 'GET '],
  ['a head over 16 KiB', get(`X: ${'x'.repeat(17_000)}`), [431]],
  ['many short lines over 16 KiB', get(...Array<string>(3_500).fill('X: yyyy')), [431]],
  ['98 lines', get(...Array<string>(97).fill('X: y')), ok, 'GET '],
  ['more than 98 lines', get(...Array<string>(120).fill('X: y')), { uws: [431], node: ok }, 'GET '],
]

const rest: Row[] = [
  ['an unknown expectation', post(['Expect: 200-ok', 'Content-Length: 5'], 'hello'), [417]],
  ['an expectation beside a length too large', post(['Expect: 200-ok', 'Content-Length: 1001'], ''), [413]],
  ['Connection: close', get('Connection: close'), ok, 'GET '],
  ['Connection: close in a list', get('Connection: x, close'), ok, 'GET '],
  [
    'nothing behind Connection: close',
    `${get('Connection: close')}${smuggled}`,
    { uws: no, node: ok },
    'GET ',
  ],
  ['Connection names a field', get('Connection: x-secret', 'X-Secret: 1'), ok, 'GET '],
  ['Connection names Host', get('Connection: host'), ok, 'GET '],
  [
    'an upgrade to h2c',
    get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: x'),
    ok,
    'GET ',
  ],
  ['GET with a body', `GET /~~ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello`, ok, 'GET hello'],
  [
    'GET with a request for a body',
    `GET /~~ HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    ok,
    `GET ${smuggled}`,
  ],
  ['HEAD with a body', `HEAD /~~ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello`, ok, 'HEAD hello'],
  ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', { uws: [505], node: ok }],
  ['a method override', post(['X-HTTP-Method-Override: DELETE', 'Content-Length: 0'], ''), ok, 'POST '],
]

/** What only shows to be wrong behind the head: the origin may hear of it, but never of a whole message. */
const framingOfChunks: Row[] = [
  ['data longer than its size', chunks('5\r\nhelloX\r\n0\r\n\r\n'), bad],
  ['data shorter than its size', chunks('5\r\nhell\r\n0\r\n\r\n'), bad],
  ['a bare LF behind a size', chunks('5\nhello\r\n0\r\n\r\n'), bad],
  ['a space behind a size', chunks('5 \r\nhello\r\n0\r\n\r\n'), bad],
  ['an empty size', chunks('\r\nhello\r\n0\r\n\r\n'), bad],
  ['an extension', chunks('5;a=b\r\nhello\r\n0\r\n\r\n'), ok],
  ['an extension with a bare LF', chunks('5;a\nhello\r\n0\r\n\r\n'), bad],
  ['no CRLF behind data', chunks('5\r\nhelloXX0\r\n\r\n'), bad],
  ['a trailer', chunks('5\r\nhello\r\n0\r\nX: y\r\n\r\n'), ok],
  ['a trailer that frames', chunks('5\r\nhello\r\n0\r\nContent-Length: 40\r\n\r\n'), bad],
]

function messagesOf(group: string, rows: readonly Row[]): Message[] {
  return rows.map(([name, bytes, seen, ...origin]) => {
    const { uws, node } = 'uws' in seen ? seen : { uws: seen, node: seen }
    return { name: `${group}: ${name}`, bytes, uws, node, origin }
  })
}

export const messages: readonly Message[] = [
  ...messagesOf('length', lengths),
  ...messagesOf('coding', codings),
  ...messagesOf('chunks', bodies),
  ...messagesOf('host', hosts),
  ...messagesOf('target', targets),
  ...messagesOf('line', lines),
  ...messagesOf('field', fields),
  ...messagesOf('other', rest),
]

/** The engine uws does not check these (edge/README.md): there only that nothing comes after them counts. */
export const chunkMessages: readonly Message[] = messagesOf('chunk framing', framingOfChunks)
