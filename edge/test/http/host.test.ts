import t from 'tap'
import { authorityOf, normaliseHost } from '../../http/host.js'
import { hostileInputs } from './random.js'

const accepted: [section: string, raw: string, expected: string][] = [
  ['9110 7.2 as it is', 'shop.example', 'shop.example'],
  ['3986 6.2.2.1 lower case', 'Shop.EXAMPLE', 'shop.example'],
  ['9110 7.2 port', 'shop.example:8080', 'shop.example'],
  ['3986 3.2.3 default port', 'shop.example:80', 'shop.example'],
  ['3986 3.2.3 empty port', 'shop.example:', 'shop.example'],
  ['3986 3.2.3 largest port', 'a:65535', 'a'],
  ['1034 3.1 trailing dot', 'shop.example.', 'shop.example'],
  ['1034 3.1 trailing dot and port', 'SHOP.example.:80', 'shop.example'],
  ['3986 3.2.2 digits, hyphen, underscore', 'a_b-1.2', 'a_b-1.2'],
  ['3986 3.2.2 IPv4', '127.0.0.1:8080', '127.0.0.1'],
  ['3986 3.2.2 IPv6', '[::1]', '[::1]'],
  ['3986 3.2.2 IPv6 and port', '[2001:DB8::A]:443', '[2001:db8::a]'],
  ['3986 3.2.2 IPv6 in full', '[1:2:3:4:5:6:7:8]', '[1:2:3:4:5:6:7:8]'],
  ['3986 3.2.2 IPv6 with IPv4', '[::ffff:1.2.3.4]', '[::ffff:1.2.3.4]'],
  ['3986 3.2.2 IPv6 with IPv4 in full', '[1:2:3:4:5:6:1.2.3.4]', '[1:2:3:4:5:6:1.2.3.4]'],
  ['3986 3.2.2 IPv6 unspecified', '[::]', '[::]'],
]
for (const [section, raw, expected] of accepted) {
  t.test(`normaliseHost() RFC ${section}: ${raw}`, async t => t.equal(normaliseHost(raw), expected))
}

const refused = [
  '',
  '.',
  ':80',
  '..',
  '.a',
  'a..b',
  'a b',
  ' a',
  'a,b',
  'a/b',
  'a@b',
  'user:pass@a',
  'a%20b',
  'a\0',
  'b\xfccher.example',
  'a\u0141',
  'a:b',
  'a:-1',
  'a:65536',
  'a:99999999999999999999',
  'a:80:80',
  'a:80 ',
  '[',
  '[]',
  '[::1',
  '[::1]a',
  '[::1]:a',
  '[:::1]',
  '[1:2:3]',
  '[1::2::3]',
  '[1:2:3:4:5:6:7:8:9]',
  '[1:2:3:4::5:6:7:8]',
  '[::12345]',
  '[::1.2.3.256]',
  '[::1.2.3.04]',
  '[1.2.3.4::]',
  '[fe80::1%25eth0]',
  '[v1.a]',
  '::1',
  'a'.repeat(256),
]
for (const raw of refused) {
  t.test(`normaliseHost() RFC 9110 7.2 refuses ${JSON.stringify(raw.slice(0, 30))}`, async t => {
    t.equal(normaliseHost(raw), undefined)
  })
}

t.test('normaliseHost() takes any bytes and is idempotent', async t => {
  for (const input of hostileInputs(['Shop.example.:80', '[2001:DB8::1.2.3.4]:80', 'a_b-c'], 6000)) {
    const host = normaliseHost(input)
    if (host === undefined) continue
    if (normaliseHost(host) !== host || !/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(host))
      t.fail(JSON.stringify(input))
  }
})

const authorities: [raw: string, authority: string][] = [
  ['shop.example', 'shop.example'],
  ['Shop.example.', 'shop.example'],
  ['shop.example:', 'shop.example'],
  ['shop.example:80', 'shop.example'],
  ['shop.example:0080', 'shop.example'],
  ['shop.example.:8080', 'shop.example:8080'],
  ['shop.example:443', 'shop.example:443'],
  ['[2001:DB8::1]', '[2001:db8::1]'],
  ['[::1]:80', '[::1]'],
  ['[::1]:81', '[::1]:81'],
]
for (const [raw, authority] of authorities) {
  t.test(`authorityOf() RFC 9110 4.2.3 ${raw}`, async t => {
    t.equal(authorityOf(raw, normaliseHost(raw) ?? '', 80), authority)
  })
}
