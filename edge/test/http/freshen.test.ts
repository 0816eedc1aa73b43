import t from 'tap'
import { freshen, headOutcome } from '../../http/freshen.js'
import { hostileInputs } from './random.js'

const cases: [section: string, stored: string[], from304: string[], merged: string[]][] = [
  ['3.2 replaced', ['A', '1', 'B', '2'], ['a', '3'], ['B', '2', 'a', '3']],
  ['3.2 all lines replaced', ['A', '1', 'a', '2'], ['A', '3'], ['A', '3']],
  ['3.2 all new lines added', ['A', '1'], ['A', '2', 'A', '3'], ['A', '2', 'A', '3']],
  ['3.2 new fields added', ['A', '1'], ['B', '2'], ['A', '1', 'B', '2']],
  ['3.2 what is absent stays', ['ETag', '"a"', 'Expires', 'x'], [], ['ETag', '"a"', 'Expires', 'x']],
  ['3.2 Content-Length stays', ['Content-Length', '5'], ['Content-Length', '0'], ['Content-Length', '5']],
  ['3.2 Content-Length is not added', [], ['Content-Length', '0'], []],
  [
    '3.2 Content-Encoding stays',
    ['Content-Encoding', 'br'],
    ['content-encoding', 'gzip'],
    ['Content-Encoding', 'br'],
  ],
  ['3.2 Content-Range stays', [], ['Content-Range', 'bytes 0-1/2'], []],
  ['3.2 Content-Type is updated', ['Content-Type', 'a/b'], ['Content-Type', 'c/d'], ['Content-Type', 'c/d']],
  ['3.1 hop-by-hop', ['A', '1'], ['Connection', 'x', 'X', '1', 'Keep-Alive', 'y'], ['A', '1']],
  ['4.2.3 old Age and Date count no more', ['Age', '100', 'Date', 'x', 'A', '1'], [], ['A', '1']],
  [
    '4.2.3 new Age and Date',
    ['Age', '100', 'Date', 'x'],
    ['Date', 'y', 'Age', '5'],
    ['Date', 'y', 'Age', '5'],
  ],
]
for (const [section, stored, from304, merged] of cases) {
  t.test(`freshen() RFC 9111 ${section}`, async t => t.strictSame(freshen(stored, from304), merged))
}

t.test('freshen() takes any bytes and twice is the same as once', async t => {
  const stored = ['A', '1', 'Content-Length', '5', 'B', '2', 'Age', '7']
  for (const input of hostileInputs(['A', 'content-length', 'Connection'], 2000)) {
    const from304 = [input, 'x', 'Connection', input, input, 'y']
    const once = freshen(stored, from304)
    t.strictSame(freshen(once, from304), once)
  }
})

const stored = { etag: '"a"', lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT', contentLength: 5 }
const heads: [section: string, fields: string[], outcome: string, status?: number][] = [
  ['the same tag', ['ETag', '"a"'], 'freshens'],
  ['the same date', ['Last-Modified', stored.lastModified], 'freshens'],
  ['the same length', ['Content-Length', '5'], 'freshens'],
  ['all the same', ['ETag', '"a"', 'Last-Modified', stored.lastModified, 'Content-Length', '5'], 'freshens'],
  ['nothing to compare', [], 'freshens'],
  ['another tag', ['ETag', '"b"'], 'invalidates'],
  ['a weak tag of the same name', ['ETag', 'W/"a"'], 'invalidates'],
  ['another date', ['ETag', '"a"', 'Last-Modified', 'Sun, 06 Nov 1994 08:49:38 GMT'], 'invalidates'],
  ['another length', ['ETag', '"a"', 'Content-Length', '6'], 'invalidates'],
  ['a length that is none', ['Content-Length', 'x'], 'invalidates'],
  ['one of two tags', ['ETag', '"a"', 'etag', '"b"'], 'invalidates'],
  ['another status', ['ETag', '"b"'], 'nothing', 404],
  ['304', ['ETag', '"a"'], 'nothing', 304],
]
for (const [section, fields, outcome, status = 200] of heads) {
  t.test(`headOutcome() RFC 9111 4.3.5 ${section}`, async t => {
    t.equal(headOutcome({ stored, status, fields }), outcome)
  })
}

t.test('headOutcome() takes any bytes and freshens only what is the same', async t => {
  for (const input of hostileInputs(['"a"', 'W/"a"', '5'], 2000)) {
    const isSameTag = headOutcome({ stored, status: 200, fields: ['ETag', input] }) === 'freshens'
    if (isSameTag !== (input === stored.etag)) t.fail(input)
    headOutcome({ stored, status: 200, fields: ['Content-Length', input] })
  }
})
