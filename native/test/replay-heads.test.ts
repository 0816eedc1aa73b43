// What is read of a head before the engine reads it: told through the engine, which says what it made of the same bytes.
import t from 'tap'
import { loadEngineAddon } from '../engine-addon.js'
import { clientOf, replayApp } from './support/replay-app.js'

const skip = loadEngineAddon() === undefined ? 'no addon for the engine' : false

/** `plain`: may be answered again; `whole`: not that, but what follows may be; `engine`: neither, in this connection any more. */
type Seen = 'plain' | 'whole' | 'engine'

const head = (...lines: string[]) => ['GET /a HTTP/1.1', ...lines, '', ''].join('\r\n')
const withHost = (...lines: string[]) => head('Host: h', ...lines)
const fill = (bytes: number) => {
  const short = withHost('X: ')
  return withHost(`X: ${'v'.repeat(bytes - short.length)}`)
}

const decides = [
  'Range: x',
  'If-Match: x',
  'If-None-Match:',
  'If-Modified-Since:',
  'If-None-Match: x\r\nIf-None-Match: x',
  'If-Modified-Since: x\r\nIf-Modified-Since: x',
  'If-None-Match: x\r\nIf-Modified-Since:',
  'If-Unmodified-Since: x',
]
decides.push('If-Range: x', 'Cache-Control: x', 'Pragma: x', 'Available-Dictionary: x', 'Accept-Encoding: br')
const engines = ['Content-Length: 0', 'Transfer-Encoding: x', 'Expect: x', 'Upgrade: x', 'Trailer: x']
engines.push(
  'Sec-WebSocket-Key: x',
  'Connection: close',
  'Connection: Keep-Alive',
  'Connection: keep-alive, x',
  'Connection:',
)
const unclear = [
  'X : y',
  'X\t: y',
  ': y',
  'X',
  ' X: y',
  '\tX: y',
  'X: \0',
  'X: \x1f',
  'X: \x7f',
  'X: \x80',
  'X: \xff',
]
unclear.push(
  'X: a\r\n b',
  'X: a\rb',
  'X: a\nb',
  'X: a\n',
  'X\0: y',
  'X(: y',
  'X\x80: y',
  '\r',
  'Host: h',
  'host:h',
  'HOST:',
)
const nothing = [
  'X:',
  'X:y',
  'X:  y  ',
  'X:\ty\t',
  'X: a\tb',
  'X: a:b',
  'X: ~',
  "!#$%&'*+-.^_`|~09: x",
  'Connection: keep-alive',
]
nothing.push(
  'connection:keep-alive',
  'CONNECTION: \tkeep-alive \t',
  `${'n'.repeat(32)}: x`,
  `${'n'.repeat(33)}: x`,
  'Keep-Alive: x',
)
nothing.push(
  'Cookie: a',
  'Authorization: x',
  'TE: x',
  'Via: x',
  'Forwarded: x',
  'CDN-Loop: x',
  'X-Forwarded-Proto: https',
)
nothing.push(
  ...decides.slice(0, -1).map(line => `X-${line.split('\r\n')[0]}`),
  'Ranges: x',
  'If-Matches: x',
  'Rang: x',
  'Expects: x',
  'Accept-Encodings: br',
)

const rows: readonly (readonly [name: string, bytes: string, seen: Seen])[] = [
  ['the least', withHost(), 'plain'],
  ['a query', withHost().replace('/a', '/a?b=c?d'), 'plain'],
  ['an empty query', withHost().replace('/a', '/a?'), 'plain'],
  ['no host name', head('Host:'), 'plain'],
  ['blanks around', head('Host: \t h \t', 'Accept-Encoding:\t gzip, br \t'), 'plain'],
  ['codings of nothing', withHost('Accept-Encoding:'), 'plain'],
  ['odd cases', head('hOST: h', 'aCCEPT-eNCODING: gzip'), 'plain'],
  ['signs in the target', withHost().replace('/a', '//a/../%2e#"<>\\^`{|}~'), 'plain'],
  ['HEAD', withHost().replace('GET', 'HEAD'), 'whole'],
  ['codings twice', withHost('Accept-Encoding: gzip', 'Accept-Encoding: gzip'), 'whole'],
  ...nothing.map(line => [`nothing: ${line}`, withHost(line), 'plain'] as const),
  ...decides.map(line => [`decides: ${line}`, withHost('Accept-Encoding: gzip', line), 'whole'] as const),
  ...decides.map(
    line =>
      [
        `decides in another case: ${line}`,
        withHost('Accept-Encoding: gzip', line.toUpperCase()),
        'whole',
      ] as const,
  ),
  ...engines.map(line => [`the engine's: ${line}`, withHost(line), 'engine'] as const),
  ...engines.map(
    line => [`the engine's in another case: ${line}`, withHost(line.toUpperCase()), 'engine'] as const,
  ),
  ...unclear.map(line => [`no field: ${JSON.stringify(line)}`, withHost(line), 'engine'] as const),
  ...unclear.map(
    line => [`no field, first: ${JSON.stringify(line)}`, head(line, 'Host: h'), 'engine'] as const,
  ),
  ['no Host', head('X: y'), 'engine'],
  ['no line', head(), 'engine'],
  ['another method', withHost().replace('GET', 'POST'), 'engine'],
  ['a method in small letters', withHost().replace('GET', 'get'), 'engine'],
  ['two blanks', withHost().replace('GET ', 'GET  '), 'engine'],
  ['a blank behind the target', withHost().replace('/a ', '/a  '), 'engine'],
  ['a whole URL', withHost().replace('/a', 'http://h/a'), 'engine'],
  ['a star', withHost().replace('/a', '*'), 'engine'],
  ['DEL in the target', withHost().replace('/a', '/\x7f'), 'engine'],
  ['a byte that is not ASCII in the target', withHost().replace('/a', '/\xe4'), 'engine'],
  ['a tab behind the target', withHost().replace('/a ', '/a\t'), 'engine'],
  ...['HTTP/1.0', 'HTTP/1.2', 'http/1.1', 'HTTP/1.1 ', 'HTTP/1.', 'HTTP/1.1\t'].map(
    version =>
      [`the version ${JSON.stringify(version)}`, withHost().replace('HTTP/1.1', version), 'engine'] as const,
  ),
  ['a bare line feed behind the request line', withHost().replace('\r\n', '\n'), 'engine'],
  ['a bare line feed at the end', `${withHost().slice(0, -2)}\n`, 'engine'],
  ['an empty line before', `\r\n${withHost()}`, 'engine'],
  ['a byte behind', `${withHost()}x`, 'engine'],
  ['another one behind', withHost() + withHost(), 'engine'],
  ['90 lines', withHost(...Array(89).fill('X: y')), 'plain'],
  ['91 lines', withHost(...Array(90).fill('X: y')), 'engine'],
  ['4,096 bytes', fill(4_096), 'plain'],
  ['4,097 bytes', fill(4_097), 'engine'],
]

t.test('readHead() takes for plain only what the engine reads as that', { skip }, async t => {
  const stage = await replayApp(t)
  for (const [row, bytes, expected] of rows) {
    stage.memory.clear()
    stage.heard.length = 0
    const client = await clientOf(t, stage.port)
    await client.tell(bytes)
    const [first] = stage.heard
    const seen: Seen = !first?.token ? 'engine' : first.id < 0 ? 'whole' : 'plain'
    t.equal(seen, expected, row)
    if (first !== undefined && seen !== 'engine') t.equal(stage.heard.length, 1, `${row}: one request`)
    if (first === undefined || seen !== 'plain') continue
    stage.given()
    // By what the engine has read: another connection that says the same in the plainest way.
    const { target, host, codings } = first
    const lines = codings === undefined ? [] : [`Accept-Encoding: ${codings}`]
    const plainest = head(`Host: ${host}`, ...lines).replace('/a', () => target)
    t.match(
      await (await clientOf(t, stage.port)).tell(plainest),
      /taught$/,
      `${row}: ${JSON.stringify(plainest)}`,
    )
    t.match(await client.tell(bytes), /taught$/, `${row}, again`)
    t.equal(stage.given(), 2, row)
    client.socket.destroy()
  }
})

t.test('readHead() takes nothing that is cut', { skip }, async t => {
  const stage = await replayApp(t)
  const bytes = withHost('Accept-Encoding: gzip, br', 'X: y')
  const heardOf = async (at: number) => {
    stage.heard.length = 0
    const client = await clientOf(t, stage.port)
    client.socket.write(bytes.slice(0, at))
    await new Promise(resolve => setTimeout(resolve, 3))
    await client.tell(bytes.slice(at))
    client.socket.destroy()
    return stage.heard.map(({ token, target }) => ({ token, target }))
  }
  for (let at = 1; at < bytes.length; at += 1) {
    const asCut = [{ token: 0, target: '/a' }]
    let heard = await heardOf(at)
    // On a busy machine both pieces may be read as one.
    for (let tries = 1; tries < 20 && heard[0]?.token !== 0; tries += 1) heard = await heardOf(at)
    t.strictSame(heard, asCut, `cut at ${at}`)
  }
})
