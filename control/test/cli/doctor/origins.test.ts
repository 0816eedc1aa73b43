import { createServer, type Server } from 'node:net'
import { createServer as createTls } from 'node:tls'
import t, { type Test } from 'tap'
import { parseConfigValue } from '../../../../config/parse.js'
import {
  askOrigins,
  judgeOrigin,
  judgeOriginsLeft,
  type OriginAsked,
  type OriginRead,
  originsOf,
} from '../../../cli/doctor/origins.js'
import { authority, intermediate, shop, shopKey } from '../../support/certificates.js'

const asked: OriginAsked = { site: 'shop', url: 'http://a.example', isBackup: false, connectMs: 3_000 }

t.test('judgeOrigin() is about who answers, and when', async t => {
  const cases: [Partial<OriginRead>, string, RegExp][] = [
    [{}, 'ok', /^of shop, at 192\.0\.2\.1, in 5 ms$/],
    [{ tookMs: 1_600 }, 'warn', /over half of timeouts\.connectMs/],
    [{ fault: { step: 'connect', message: 'ECONNREFUSED' } }, 'bad', /no connection: ECONNREFUSED/],
    [{ addresses: [], fault: { step: 'resolve', message: 'ENOTFOUND' } }, 'bad', /at no address: its name/],
    [{ fault: { step: 'tls', message: 'x' } }, 'bad', /TLS handshake fails: x/],
    [
      { asked: { ...asked, isBackup: true }, fault: { step: 'connect', message: 'x' } },
      'warn',
      /^of shop, a backup/,
    ],
  ]
  for (const [other, level, found] of cases) {
    const read: OriginRead = { asked, addresses: ['192.0.2.1'], tookMs: 5, fault: undefined, ...other }
    t.match(judgeOrigin(read), { check: 'origins.http://a.example', level, found })
  }
})

t.test('judgeOriginsLeft() says what was not asked', async t => {
  t.strictSame(judgeOriginsLeft(256), [])
  t.match(judgeOriginsLeft(300), [{ level: 'note', found: '44 of 300 were not asked' }])
})

t.test('originsOf() has each once', async t => {
  const parsed = parseConfigValue({
    listen: [{ port: 80 }],
    sites: [
      {
        name: 'a',
        hosts: ['a.example'],
        origins: ['http://x.example', { url: 'http://y.example', backup: true }],
      },
      { name: 'b', hosts: ['b.example'], origins: ['http://x.example:80/'], timeouts: { connectMs: '1s' } },
    ],
  })
  t.match(parsed.ok && originsOf(parsed.config.sites), [
    { site: 'a', url: 'http://x.example', isBackup: false, connectMs: 3_000 },
    { site: 'a', url: 'http://y.example', isBackup: true },
  ])
  t.equal(parsed.ok && originsOf(parsed.config.sites).length, 2)
})

async function port(t: Test, server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return (server.address() as { port: number }).port
}

t.test('askOrigins() connects, and verifies', async t => {
  const plain = await port(
    t,
    createServer(socket => socket.on('error', () => socket.destroy())),
  )
  const chain = [shop, intermediate].join('\n')
  const secure = await port(
    t,
    createTls({ cert: chain, key: shopKey }, socket => socket.on('error', () => socket.destroy())).on(
      'tlsClientError',
      () => undefined,
    ),
  )
  const caFile = `${t.testdir({ 'ca.crt': authority })}/ca.crt`
  const https = { ...asked, url: `https://127.0.0.1:${secure}` }
  const reads = await askOrigins([
    { ...asked, url: `http://127.0.0.1:${plain}` },
    { ...asked, url: 'http://127.0.0.1:1' },
    { ...https, tlsName: 'www.shop.test', caFile },
    { ...https, tlsName: 'www.shop.test' },
    { ...https, tlsName: 'other.test', caFile },
    { ...https, caFile: '/absent' },
    { ...asked, url: `https://127.0.0.1:${plain}`, connectMs: 100 },
    { ...asked, url: 'http://nobody.invalid' },
  ])
  t.match(
    reads.map(({ fault }) => fault),
    [
      undefined,
      { step: 'connect', message: /ECONNREFUSED/ },
      undefined,
      { step: 'tls', message: /issuer/ },
      { step: 'tls', message: /other\.test/ },
      { step: 'tls', message: /originTls\.caFile/ },
      { step: 'tls', message: 'nothing within 100 ms' },
      { step: 'resolve' },
    ],
  )
  t.strictSame(reads[0]?.addresses, ['127.0.0.1'])
})
