import t from 'tap'
import {
  handshakeFault,
  handshakeToOrigin,
  isHandshake,
  isHandshakeField,
  isVersionSpoken,
  offeredProtocols,
} from '../../http/web-socket.js'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='

const handshakes: [row: string, fields: string[], expected: boolean][] = [
  ['RFC 6455 1.2', ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Key', key], true],
  ['any case', ['upgrade', 'WebSocket', 'connection', 'upgrade', 'sec-websocket-key', key], true],
  [
    'among others',
    ['Upgrade', 'h2c, websocket', 'Connection', 'keep-alive, Upgrade', 'Sec-WebSocket-Key', key],
    true,
  ],
  [
    'in another line',
    ['Upgrade', 'websocket', 'Connection', 'close', 'Connection', 'Upgrade', 'Sec-WebSocket-Key', key],
    true,
  ],
  ['no Upgrade', ['Connection', 'Upgrade', 'Sec-WebSocket-Key', key], false],
  ['another protocol', ['Upgrade', 'websockets', 'Connection', 'Upgrade', 'Sec-WebSocket-Key', key], false],
  ['no Connection', ['Upgrade', 'websocket', 'Sec-WebSocket-Key', key], false],
  ['no key', ['Upgrade', 'websocket', 'Connection', 'Upgrade'], false],
  [
    'two keys',
    ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Key', key, 'Sec-WebSocket-Key', key],
    false,
  ],
  [
    '15 bytes',
    ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAA'],
    false,
  ],
  [
    'bits behind the 16th byte',
    ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAB=='],
    false,
  ],
]
for (const [row, fields, expected] of handshakes) {
  t.test(`isHandshake ${row}`, async t => t.equal(isHandshake(fields), expected))
}

t.test('isVersionSpoken: 13, once', async t => {
  t.ok(isVersionSpoken(['Sec-WebSocket-Version', '13']))
  t.notOk(isVersionSpoken([]))
  t.notOk(isVersionSpoken(['Sec-WebSocket-Version', '8']))
  t.notOk(isVersionSpoken(['Sec-WebSocket-Version', '13, 8']))
  t.notOk(isVersionSpoken(['Sec-WebSocket-Version', '13', 'Sec-WebSocket-Version', '13']))
})

t.test('offeredProtocols: of all lines, in their order, tokens only', async t => {
  const fields = ['Sec-WebSocket-Protocol', 'chat, super', 'A', 'b', 'sec-websocket-protocol', 'a b,v1.x']
  t.strictSame(offeredProtocols(fields), ['chat', 'super', 'v1.x'])
  t.strictSame(offeredProtocols([]), [])
})

t.test('handshakeToOrigin: the key is ours, extensions stay here', async t => {
  const fields = [
    'Host',
    'a',
    'Sec-WebSocket-Key',
    key,
    'Sec-WebSocket-Extensions',
    'permessage-deflate',
    'Cookie',
    'c',
  ]
  t.strictSame(handshakeToOrigin([...fields, 'Sec-WebSocket-Protocol', 'x'], 'ours', ['x', 'y']), [
    ...['Host', 'a', 'Cookie', 'c', 'Upgrade', 'websocket', 'Connection', 'Upgrade'],
    ...['Sec-WebSocket-Key', 'ours', 'Sec-WebSocket-Version', '13', 'Sec-WebSocket-Protocol', 'x, y'],
  ])
  t.notOk(handshakeToOrigin(fields, 'ours', []).includes('Sec-WebSocket-Protocol'))
})

const base = ['Upgrade', 'websocket', 'Connection', 'upgrade']
const accepted = [...base, 'Sec-WebSocket-Accept', 'yes']
const answers: [row: string, fields: string[], expected: RegExp | undefined][] = [
  ['RFC 6455 4.1', accepted, undefined],
  ['a subprotocol that was offered', [...accepted, 'Sec-WebSocket-Protocol', 'chat'], undefined],
  ['no Upgrade', accepted.slice(2), /Upgrade/],
  ['no Connection', [...accepted.slice(0, 2), ...accepted.slice(4)], /Connection/],
  ['no proof', base, /Accept/],
  ['another proof', [...base, 'Sec-WebSocket-Accept', 'no'], /Accept/],
  ['two proofs', [...accepted, 'Sec-WebSocket-Accept', 'yes'], /Accept/],
  ['an extension', [...accepted, 'Sec-WebSocket-Extensions', 'permessage-deflate'], /extensions/],
  ['a subprotocol that was not offered', [...accepted, 'Sec-WebSocket-Protocol', 'other'], /subprotocol/],
  [
    'two subprotocols',
    [...accepted, 'Sec-WebSocket-Protocol', 'chat', 'Sec-WebSocket-Protocol', 'chat'],
    /subprotocol/,
  ],
]
for (const [row, fields, expected] of answers) {
  t.test(`handshakeFault ${row}`, async t => {
    const fault = handshakeFault(fields, 'yes', ['chat'])
    if (expected === undefined) t.equal(fault, undefined)
    else t.match(fault, expected)
  })
}

t.test('isHandshakeField', async t => {
  t.ok(isHandshakeField('Sec-WebSocket-Accept'))
  t.ok(isHandshakeField('sec-websocket-key'))
  t.notOk(isHandshakeField('Sec-WebSocket'))
  t.notOk(isHandshakeField('Set-Cookie'))
})
