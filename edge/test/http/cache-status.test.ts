import t from 'tap'
import {
  type CacheStatus,
  cacheStatus,
  forwardPrefix,
  hitPrefix,
  structuredWord,
} from '../../http/cache-status.js'
import { hostileInputs } from './random.js'

const cases: [section: string, status: CacheStatus, expected: string][] = [
  ['9211 2.1', { kind: 'hit' }, 'naij; hit'],
  ['9211 2.4', { kind: 'hit', ttlSeconds: 30.9 }, 'naij; hit; ttl=30'],
  ['9211 2.4 stale', { kind: 'hit', ttlSeconds: -412, detail: 'stale' }, 'naij; hit; ttl=-412; detail=stale'],
  ['9211 2.2', { kind: 'forwarded', reason: 'uri-miss' }, 'naij; fwd=uri-miss'],
  [
    '9211 2.3, 2.5, 2.6',
    { kind: 'forwarded', reason: 'stale', forwardStatus: 304, stored: true, collapsed: true, ttlSeconds: 60 },
    'naij; fwd=stale; fwd-status=304; stored; collapsed; ttl=60',
  ],
  [
    '9211 2.8 token',
    { kind: 'forwarded', reason: 'miss', detail: 'no-store' },
    'naij; fwd=miss; detail=no-store',
  ],
  [
    '9211 2.8 string',
    { kind: 'forwarded', reason: 'miss', detail: 'a "b"' },
    'naij; fwd=miss; detail="a \\"b\\""',
  ],
  [
    '9211 2 absent',
    { kind: 'forwarded', reason: 'bypass', stored: false, collapsed: false },
    'naij; fwd=bypass',
  ],
  [
    '9211 2.6 waited for another and had to ask all the same',
    { kind: 'forwarded', reason: 'uri-miss', forwardStatus: 200, collapsed: 'tried' },
    'naij; fwd=uri-miss; fwd-status=200; collapsed=?0',
  ],
  ['9211 2 neither hit nor forwarded', { kind: 'own', detail: 'a b' }, 'naij; detail="a b"'],
]
for (const [section, status, expected] of cases) {
  t.test(`cacheStatus() RFC ${section}`, async t => t.equal(cacheStatus('naij', status), expected))
}

t.test('cacheStatus() writes integers in range only (RFC 8941 3.3.1)', async t => {
  const ttl = (ttlSeconds: number) => cacheStatus('naij', { kind: 'hit', ttlSeconds })
  t.equal(ttl(Number.NaN), 'naij; hit; ttl=0')
  t.equal(ttl(-0.5), 'naij; hit; ttl=0')
  t.equal(ttl(Number.POSITIVE_INFINITY), 'naij; hit; ttl=999999999999999')
  t.equal(ttl(-1e30), 'naij; hit; ttl=-999999999999999')
})

t.test('hitPrefix() and forwardPrefix() are the beginnings of cacheStatus()', async t => {
  t.equal(`${hitPrefix('naij')}5`, cacheStatus('naij', { kind: 'hit', ttlSeconds: 5 }))
  t.equal(forwardPrefix('my cdn', 'method'), cacheStatus('my cdn', { kind: 'forwarded', reason: 'method' }))
})

const words: [section: string, text: string, expected: string][] = [
  ['3.3.4 token', 'naij', 'naij'],
  ['3.3.4 colon and slash', '*a:b/c', '*a:b/c'],
  ['3.3.4 digit first', '1a', '"1a"'],
  ['3.3.3 empty', '', '""'],
  ['3.3.3 escapes', 'a"\\b', '"a\\"\\\\b"'],
  ['3.3.3 control and other bytes', 'a\r\n\xe9', '"a???"'],
]
for (const [section, text, expected] of words) {
  t.test(`structuredWord() RFC 8941 ${section}`, async t => t.equal(structuredWord(text), expected))
}

t.test('structuredWord() makes any bytes a lawful token or string', async t => {
  for (const input of hostileInputs(['no-store', 'a "b"'], 3000)) {
    const word = structuredWord(input)
    const isLawful =
      /^(?:[A-Za-z*][!#$%&'*+\-.^_`|~\w:/]*|"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*")$/.test(word)
    if (!isLawful) t.fail(JSON.stringify(input))
  }
})
