import t from 'tap'
import { selectingValue, variantId, varyNames } from '../../http/vary.js'
import { hostileInputs, random } from './random.js'

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `n${at}`)
}

const names: [section: string, fields: string[], expected: '*' | string[]][] = [
  ['12.5.5 none', [], []],
  ['12.5.5 empty', ['Vary', ' , '], []],
  ['12.5.5 lower-case, sorted, unique', ['Vary', 'B, a', 'vary', 'A,\tc'], ['a', 'b', 'c']],
  ['12.5.5 star', ['Vary', '*'], '*'],
  ['12.5.5 star in any member', ['Vary', 'a, *'], '*'],
  ['12.5.5 star on any line', ['Vary', 'a', 'Vary', '*, b'], '*'],
  ['12.5.5 star behind a quote', ['Vary', '"a, *'], '*'],
  ['12.5.5 no field name', ['Vary', 'a b'], '*'],
  ['12.5.5 what the edge writes for each client', ['Vary', 'Accept, X-Forwarded-For'], '*'],
  ['12.5.5 empty members', ['Vary', ',, a,', 'Vary', ''], ['a']],
  ['12.5.5 names in any case, repeated', ['Vary', 'A, a', 'VARY', 'a'], ['a']],
  ['12.5.5 in the key already', ['Vary', 'Host, A'], ['a']],
  ['12.5.5 nothing but what is in the key', ['Vary', 'host'], []],
  ['12.5.5 many', ['Vary', numbered(32).join()], numbered(32).sort()],
  ['12.5.5 too many to look up', ['Vary', numbered(33).join()], '*'],
  ['12.5.5 too many on all lines together', ['Vary', numbered(32).join(), 'Vary', 'a'], '*'],
  ['12.5.5 the same one very often', ['Vary', Array(1_000).fill('a').join()], ['a']],
  ['12.5.5 too long', ['Vary', 'a'.repeat(4_097)], '*'],
  ['12.5.5 too long on all lines together', ['Vary', 'a'.repeat(4_000), 'Vary', 'b'.repeat(97)], '*'],
]
for (const [section, fields, expected] of names) {
  t.test(`varyNames() RFC 9110 ${section}`, async t => t.strictSame(varyNames(fields), expected))
}

const same: [section: string, name: string, one: string[], other: string[]][] = [
  ['lines joined', 'x', ['X', 'a', 'x', 'b'], ['X', 'a, b']],
  ['list space trimmed', 'x', ['X', 'a ,b'], ['X', ' a,\tb ']],
  ['absent and absent', 'x', ['Y', 'a'], []],
  [
    'codings in any order',
    'accept-encoding',
    ['Accept-Encoding', 'gzip, br'],
    ['Accept-Encoding', 'BR;q=0.5,gzip'],
  ],
  [
    'codings we cannot use',
    'accept-encoding',
    ['Accept-Encoding', 'gzip, lzma'],
    ['Accept-Encoding', 'x-gzip'],
  ],
  ['refused coding', 'accept-encoding', ['Accept-Encoding', 'gzip, br;q=0'], ['Accept-Encoding', 'gzip']],
  ['any coding', 'accept-encoding', ['Accept-Encoding', '*'], ['Accept-Encoding', 'br, gzip, zstd, deflate']],
  [
    'any but one',
    'accept-encoding',
    ['Accept-Encoding', '*, br;q=0'],
    ['Accept-Encoding', 'gzip, zstd, deflate'],
  ],
  [
    'languages in any order and case',
    'accept-language',
    ['Accept-Language', 'en-GB, fr;q=0.5'],
    ['Accept-Language', 'FR;q=0.50,en-gb'],
  ],
  [
    'types in any order and case',
    'accept',
    ['Accept', 'text/html, image/AVIF;q=0.5'],
    ['Accept', 'image/avif; q=0.50', 'Accept', 'TEXT/html'],
  ],
  ['identity is always there', 'accept-encoding', ['Accept-Encoding', 'identity'], ['Accept-Encoding', '']],
]
for (const [section, name, one, other] of same) {
  t.test(`variantId() RFC 9111 4.1 matches: ${section}`, async t => {
    t.equal(variantId([name], one), variantId([name], other))
  })
}

const different: [section: string, name: string, one: string[], other: string[]][] = [
  ['values', 'x', ['X', 'a'], ['X', 'b']],
  ['case of values', 'x', ['X', 'a'], ['X', 'A']],
  ['order', 'x', ['X', 'a, b'], ['X', 'b, a']],
  ['absent and empty', 'x', [], ['X', '']],
  ['absent and present coding', 'accept-encoding', [], ['Accept-Encoding', 'identity']],
  ['codings', 'accept-encoding', ['Accept-Encoding', 'gzip'], ['Accept-Encoding', 'gzip, br']],
  [
    'identity refused',
    'accept-encoding',
    ['Accept-Encoding', 'gzip, identity;q=0'],
    ['Accept-Encoding', 'gzip'],
  ],
  [
    'languages preferred otherwise',
    'accept-language',
    ['Accept-Language', 'en, fr;q=0.5'],
    ['Accept-Language', 'fr, en;q=0.5'],
  ],
  ['types preferred otherwise', 'accept', ['Accept', 'a/a, a/b;q=0.5'], ['Accept', 'a/b, a/a;q=0.5']],
  ['absent and empty types', 'accept', [], ['Accept', '']],
  ['absent and empty languages', 'accept-language', [], ['Accept-Language', '']],
  ['all refused', 'accept-encoding', ['Accept-Encoding', 'gzip, *;q=0'], ['Accept-Encoding', 'gzip']],
  ['space in a cookie', 'cookie', ['Cookie', 'a=x, y'], ['Cookie', 'a=x,y']],
  ['space in quotes', 'x', ['X', '"a, b"'], ['X', '"a,b"']],
]
for (const [section, name, one, other] of different) {
  t.test(`variantId() RFC 9111 4.1 differs: ${section}`, async t => {
    t.not(variantId([name], one), variantId([name], other))
  })
}

t.test('variantId() is empty when nothing selects and never confuses fields', async t => {
  t.equal(variantId([], ['A', '1']), '')
  t.not(variantId(['a', 'b'], ['A', '1']), variantId(['a', 'b'], ['B', '1']))
  t.not(variantId(['a'], ['A', '1']), variantId(['b'], ['B', '1']))
  t.not(variantId(['a', 'b'], ['A', 'x;b:2=y']), variantId(['a', 'b'], ['A', 'x', 'B', 'y']))
})

t.test('variantId() is equal exactly when all selecting values are, whatever the bytes', async t => {
  const source = random(3)
  const values = [...hostileInputs(['a:1=;b', '=,;:', 'a, b'], 300)]
  const names = ['a', 'b']
  const pick = () => ['A', source.pick(values), 'B', source.pick(values)].slice(0, 2 * source.below(3))
  for (let i = 0; i < 4000; i++) {
    const one = pick()
    const other = pick()
    const isEqual = names.every(name => selectingValue(name, one) === selectingValue(name, other))
    if ((variantId(names, one) === variantId(names, other)) !== isEqual) t.fail(JSON.stringify([one, other]))
  }
})

t.test('varyNames() and selectingValue() take any bytes', async t => {
  for (const input of hostileInputs(['gzip;q=0.5, br', 'Accept, *'], 3000)) {
    varyNames(['Vary', input])
    const value = selectingValue('accept-encoding', ['Accept-Encoding', input])
    if (!/^=(?:br|deflate|gzip|zstd|!identity|,)*$/.test(value)) t.fail(JSON.stringify(input))
  }
})
