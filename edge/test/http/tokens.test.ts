import t from 'tap'
import {
  DELTA_SECONDS_MAX,
  isToken,
  parseDeltaSeconds,
  quality,
  splitList,
  splitParameters,
  trimSpace,
  unquote,
} from '../../http/tokens.js'
import { hostileInputs } from './random.js'

t.test('isToken() follows RFC 9110 5.6.2', async t => {
  for (const token of ['a', 'GET', 'max-age', "!#$%&'*+-.^_`|~", '0']) t.ok(isToken(token), token)
  for (const other of ['', ' ', 'a b', 'a/b', '"a"', 'a:', 'é', 'a\u0100', '('])
    t.notOk(isToken(other), other)
})

t.test('trimSpace() removes spaces and tabs only (RFC 9110 5.6.3)', async t => {
  t.equal(trimSpace(' \ta b\t '), 'a b')
  t.equal(trimSpace('\u00a0a\n'), '\u00a0a\n')
  t.equal(trimSpace(' \t'), '')
})

const lists: [section: string, value: string, members: string[]][] = [
  ['5.6.1 plain', 'a,b', ['a', 'b']],
  ['5.6.1 empty members', ' , a ,,\tb, ', ['a', 'b']],
  ['5.6.1 nothing', '', []],
  ['5.6.4 comma in a quoted string', 'a="x, y", b', ['a="x, y"', 'b']],
  ['5.6.4 escaped quote', 'a="\\", no", b', ['a="\\", no"', 'b']],
  ['5.6.4 escaped backslash', 'a="\\\\", b', ['a="\\\\"', 'b']],
  ['5.6.4 never closed', 'a="x, b', ['a="x, b']],
  ['5.6.4 backslash at the end', 'a="x\\', ['a="x\\']],
  ['5.6.4 backslash outside quotes', 'a\\, b', ['a\\', 'b']],
]
for (const [section, value, members] of lists) {
  t.test(`splitList() RFC 9110 ${section}`, async t => t.strictSame(splitList(value), members))
}

t.test('splitParameters() separates at semicolons outside quotes (RFC 9110 5.6.6)', async t => {
  t.strictSame(splitParameters('a ; q=1;b="x;y"'), ['a', 'q=1', 'b="x;y"'])
})

t.test('unquote() undoes exactly one quoted string (RFC 9110 5.6.4)', async t => {
  t.equal(unquote('"a\\"b"'), 'a"b')
  t.equal(unquote('""'), '')
  for (const other of ['', 'a', '"', '"a', '"a"b', '"a\\"', '"a\\', "'a'"])
    t.equal(unquote(other), undefined, other)
})

t.test('parseDeltaSeconds() takes digits only and saturates (RFC 9111 1.2.2)', async t => {
  t.equal(parseDeltaSeconds('0'), 0)
  t.equal(parseDeltaSeconds('0060'), 60)
  t.equal(parseDeltaSeconds('2147483647'), DELTA_SECONDS_MAX - 1)
  t.equal(parseDeltaSeconds('2147483649'), DELTA_SECONDS_MAX)
  t.equal(parseDeltaSeconds('9'.repeat(400)), DELTA_SECONDS_MAX)
  for (const other of ['', '-1', '+1', '1.5', ' 1', '1e3', '0x1', "'1'"]) {
    t.equal(parseDeltaSeconds(other), undefined, other)
  }
})

t.test('quality() reads weights strictly (RFC 9110 12.4.2)', async t => {
  t.equal(quality([]), 1)
  t.equal(quality(['level=1', 'q=0.5']), 0.5)
  t.equal(quality(['Q=0.125']), 0.125)
  t.equal(quality(['q=1.000']), 1)
  t.equal(quality(['quite=1']), 1)
  for (const other of ['q=', 'q=2', 'q=0.1234', 'q=1.001', 'q=-1', 'q=a']) t.equal(quality([other]), 0, other)
})

t.test('splitList(), splitParameters(), unquote(), quality() take any bytes', async t => {
  for (const input of hostileInputs(['a="b\\"c", d;q=0.5', 'max-age=100, private="x"'], 4000)) {
    for (const member of splitList(input)) {
      if (member === '' || trimSpace(member) !== member) t.fail(`member of ${JSON.stringify(input)}`)
    }
    const weight = quality(splitParameters(input))
    if (!(weight >= 0 && weight <= 1)) t.fail(`quality of ${JSON.stringify(input)}`)
    unquote(input)
    isToken(input)
  }
})
