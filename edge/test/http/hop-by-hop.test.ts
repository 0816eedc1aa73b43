import t from 'tap'
import { endToEnd, responseEndToEnd, selectingFields } from '../../http/hop-by-hop.js'
import { hostileInputs } from './random.js'

const cases: [section: string, fields: string[], kept: string[]][] = [
  ['7.6.1 nothing to drop', ['A', '1', 'a', '2'], ['A', '1', 'a', '2']],
  ['7.6.1 Connection itself', ['Connection', 'keep-alive', 'Keep-Alive', 'timeout=5', 'A', '1'], ['A', '1']],
  ['7.6.1 what Connection names', ['connection', 'close, X-Foo', 'x-foo', '1', 'X-Bar', '2'], ['X-Bar', '2']],
  ['7.6.1 several lines', ['Connection', 'a', 'A', '1', 'Connection', ', b', 'B', '2'], []],
  ['7.6.1 named before or after', ['A', '1', 'Connection', 'a', 'a', '2'], []],
  ['10.1.4, 6.6.2', ['TE', 'trailers', 'Trailer', 'X', 'Upgrade', 'h2c', 'Transfer-Encoding', 'chunked'], []],
  ['11.7', ['Proxy-Authorization', 'x', 'Proxy-Authenticate', 'y', 'Proxy-Authentication-Info', 'z'], []],
  ['7.6.1 legacy', ['Proxy-Connection', 'keep-alive'], []],
]
for (const [section, fields, kept] of cases) {
  t.test(`endToEnd() RFC 9110 ${section}`, async t => t.strictSame(endToEnd(fields), kept))
}

t.test('endToEnd() does not let Connection strip what we rely on (RFC 9110 7.6.1)', async t => {
  const names = [
    'Host',
    'Content-Length',
    'Authorization',
    'Cookie',
    'Set-Cookie',
    'Cache-Control',
    'X-Forwarded-For',
    'CDN-Loop',
    'If-None-Match',
    'Vary',
  ]
  for (const name of names) {
    t.strictSame(endToEnd(['Connection', name, name, '1']), [name, '1'], name)
  }
})

t.test('responseEndToEnd() leaves the length to the writer and keeps Date', async t => {
  const fields = ['Content-Length', '5', 'Date', 'x', 'Connection', 'a', 'A', '1']
  t.strictSame(responseEndToEnd(fields), ['Date', 'x'])
})

t.test('selectingFields() is the list itself unless Connection strips something', async t => {
  const usual = ['Connection', 'Keep-Alive, close, TE, cookie', 'Cookie', 'a']
  t.equal(selectingFields(usual), usual)
  t.strictSame(selectingFields(['Connection', 'X-Foo', 'X-Foo', '1', 'A', '2']), ['A', '2'])
})

t.test('endToEnd() takes any bytes and invents nothing', async t => {
  for (const input of hostileInputs(['close, x-foo', 'x-foo'], 2000)) {
    const kept = endToEnd(['Connection', input, 'X-Foo', input, input, 'X-Foo'])
    if (kept.length > 4 || kept.includes('Connection')) t.fail(JSON.stringify(input))
  }
})
