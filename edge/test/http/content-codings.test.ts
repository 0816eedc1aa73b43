import t from 'tap'
import {
  type Coding,
  chooseCoding,
  codedTag,
  contentCodings,
  takesCoding,
  varyingByEncoding,
} from '../../http/content-codings.js'

const all: readonly Coding[] = ['br', 'zstd', 'gzip']

const choices: [accept: string | undefined, offered: readonly Coding[], chosen: string][] = [
  [undefined, all, 'identity'],
  ['', all, 'identity'],
  ['gzip', all, 'gzip'],
  ['x-gzip', all, 'gzip'],
  ['gzip, deflate, br, zstd', all, 'br'],
  ['gzip, deflate, br, zstd', ['zstd', 'gzip'], 'zstd'],
  ['GZIP;Q=0.5, BR;q=0.2', all, 'gzip'],
  ['br;q=0', all, 'identity'],
  ['br;q=0, *', all, 'zstd'],
  ['*', all, 'br'],
  ['*;q=0', all, 'identity'],
  ['identity', all, 'identity'],
  ['identity, br', all, 'br'],
  ['identity;q=1, br;q=0.5', all, 'identity'],
  ['identity;q=0, gzip;q=0.001', all, 'gzip'],
  ['gzip', [], 'identity'],
  ['brotli', all, 'identity'],
]

t.test('chooseCoding() takes the best for the client, of equals the first (RFC 9110 12.5.3)', async t => {
  for (const [accept, offered, chosen] of choices)
    t.equal(chooseCoding(accept, offered), chosen, `${accept} of ${offered.join()}`)
})

const taken: [accept: string | undefined, coding: string, takes: boolean][] = [
  [undefined, 'gzip', false],
  ['gzip', 'gzip', true],
  ['gzip', 'x-gzip', true],
  ['br', 'gzip', false],
  ['*', 'gzip', true],
  ['gzip;q=0', 'gzip', false],
  ['gzip', 'gzip, br', false],
  ['gzip, br', 'GZIP, br', true],
]

t.test('takesCoding()', async t => {
  for (const [accept, coding, takes] of taken)
    t.equal(takesCoding(accept, coding), takes, `${coding} for ${accept}`)
})

t.test('contentCodings() reads all lines, in order, without identity', async t => {
  t.strictSame(contentCodings([]), [])
  t.strictSame(contentCodings(['Content-Encoding', 'identity']), [])
  t.strictSame(contentCodings(['Content-Encoding', 'X-GZip', 'content-encoding', 'br, ']), ['gzip', 'br'])
})

t.test('codedTag() gives a strong tag one of its own, and leaves a weak one, and what is none', async t => {
  t.equal(codedTag('"a"', 'br'), '"a-br"')
  t.equal(codedTag('W/"a"', 'br'), 'W/"a"')
  t.equal(codedTag('', 'br'), '')
  t.equal(codedTag('a', 'br'), 'a')
})

t.test('varyingByEncoding() says it once', async t => {
  t.strictSame(varyingByEncoding(['A', 'b']), ['A', 'b', 'Vary', 'Accept-Encoding'])
  for (const said of ['Accept-Encoding', 'Origin, accept-encoding', '*']) {
    const fields = ['Vary', said]
    t.equal(varyingByEncoding(fields), fields, said)
  }
})
