import t from 'tap'
import { type Framing, framing, parseContentLength } from '../../http/framing.js'
import { hostileInputs } from './random.js'

/** The values of one kind: how many lines, and the last of them. */
type Lines = [count: number, value?: string]

const none: Lines = [0]
const cases: [section: string, contentLength: Lines, transferEncoding: Lines, expected: Framing][] = [
  ['6.3 no body', none, none, { kind: 'none' }],
  ['6.2 length', [1, '5'], none, { kind: 'length', length: 5 }],
  ['6.2 zero', [1, '0'], none, { kind: 'length', length: 0 }],
  ['6.2 leading zeros', [1, '007'], none, { kind: 'length', length: 7 }],
  ['6.2 largest', [1, '9007199254740991'], none, { kind: 'length', length: Number.MAX_SAFE_INTEGER }],
  ['6.1 chunked', none, [1, 'chunked'], { kind: 'chunked' }],
  ['7 any case', none, [1, 'CHUNKED'], { kind: 'chunked' }],
  ['6.3 two lengths', [2, '5'], none, { kind: 'ambiguous', reason: 'content-length-repeated' }],
  ['6.1 both', [1, '5'], [1, 'chunked'], { kind: 'ambiguous', reason: 'both' }],
  ['6.1 chunked twice', none, [2, 'chunked'], { kind: 'ambiguous', reason: 'transfer-encoding' }],
]
for (const value of [
  '',
  '+5',
  '-5',
  '5 ',
  ' 5',
  '5, 5',
  '5,6',
  '0x5',
  '5e1',
  '5.0',
  '9007199254740992',
  '9'.repeat(25),
]) {
  cases.push([
    `6.3 length ${JSON.stringify(value)}`,
    [1, value],
    none,
    { kind: 'ambiguous', reason: 'content-length' },
  ])
}
for (const value of [
  '',
  'identity',
  'xchunked',
  'gzip, chunked',
  'chunked, identity',
  'chunked;a',
  ' chunked',
]) {
  const expected: Framing = { kind: 'ambiguous', reason: 'transfer-encoding' }
  cases.push([`6.1 coding ${JSON.stringify(value)}`, none, [1, value], expected])
}
for (const [section, contentLength, transferEncoding, expected] of cases) {
  t.test(`framing() RFC 9112 ${section}`, async t => {
    const [lengths, length] = contentLength
    const [encodings, encoding] = transferEncoding
    t.strictSame(framing(lengths, length, encodings, encoding), expected)
  })
}

t.test('framing() refuses a counted line without a value', async t => {
  t.equal(framing(1, undefined, 0, undefined).kind, 'ambiguous')
  t.equal(framing(0, undefined, 1, undefined).kind, 'ambiguous')
})

t.test('parseContentLength() takes any bytes and only digits count', async t => {
  for (const input of hostileInputs(['12345', '0'], 4000)) {
    const length = parseContentLength(input)
    if (length !== undefined && !(/^\d+$/.test(input) && length === Number(input)))
      t.fail(JSON.stringify(input))
    framing(1, input, 0, undefined)
    framing(0, undefined, 1, input)
  }
})
