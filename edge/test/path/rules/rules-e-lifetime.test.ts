// Plays of http-rules.md E 20: how long a response is fresh by what it says itself (RFC 9111 4.2.1, 5.2).
// 20 order: `rule 20: s-maxage, max-age, Expires, in this order`
// 20 forms: `rule 20: the form of a directive and its number`
// 20 quoted strings: `rule 20: nothing inside another directive's quoted string counts`
// 20 repeated, several: `rule 20: what is said twice`
import t from 'tap'
import { type Row, rows, ruleStage } from '../../support/rules.js'

const stage = await ruleStage(t)

const order: Row[] = [
  ['RFC 9111 5.2.2.1 max-age', 'Cache-Control: max-age=60', 59, 'hit'],
  ['RFC 9111 4.2 at its end it is stale', 'Cache-Control: max-age=60', 60, 'miss'],
  ['RFC 9111 5.2.2.1 max-age=0', ['Cache-Control: max-age=0', 'ETag: "a"'], 0, 'validated'],
  ['RFC 9111 5.2.2.10 s-maxage over a shorter max-age', 'Cache-Control: max-age=1, s-maxage=60', 59, 'hit'],
  ['RFC 9111 5.2.2.10 s-maxage over a longer max-age', 'Cache-Control: max-age=60, s-maxage=10', 10, 'miss'],
  ['RFC 9111 5.2.2.10 s-maxage before max-age', 'Cache-Control: s-maxage=10, max-age=60', 10, 'miss'],
  ['RFC 9111 5.2.2.10 s-maxage=0', ['Cache-Control: s-maxage=0, max-age=60', 'ETag: "a"'], 1, 'validated'],
  ['RFC 9111 5.3 max-age over Expires', ['Cache-Control: max-age=60', 'Expires: {+1}'], 59, 'hit'],
  ['RFC 9111 5.3 max-age over a longer Expires', ['Cache-Control: max-age=10', 'Expires: {+60}'], 10, 'miss'],
  ['RFC 9111 5.3 max-age over a past Expires', ['Cache-Control: max-age=60', 'Expires: {-60}'], 59, 'hit'],
  ['RFC 9111 5.3 max-age over an invalid Expires', ['Cache-Control: max-age=60', 'Expires: 0'], 59, 'hit'],
  ['RFC 9111 5.3 s-maxage over Expires', ['Cache-Control: s-maxage=60', 'Expires: {-60}'], 59, 'hit'],
  ['RFC 9111 5.3 max-age=0 over Expires', ['Cache-Control: max-age=0', 'Expires: {+60}'], 0, 'miss'],
  ['RFC 9111 5.3 Expires', 'Expires: {+60}', 59, 'hit'],
  ['RFC 9111 5.3 Expires to its end', 'Expires: {+60}', 60, 'miss'],
  [
    'RFC 9111 5.3 Expires beside a directive without time',
    ['Cache-Control: public', 'Expires: {+60}'],
    59,
    'hit',
  ],
  [
    'RFC 9111 5.4 Pragma of a response says nothing',
    ['Cache-Control: max-age=60', 'Pragma: no-cache'],
    59,
    'hit',
  ],
  ['RFC 9111 5.4 nor beside Expires', ['Expires: {+60}', 'Pragma: no-cache'], 59, 'hit'],
  ['RFC 8246 immutable is no lifetime', ['Cache-Control: immutable'], 1, 'miss'],
  ['RFC 8246 immutable does not lengthen one', ['Cache-Control: immutable, max-age=10'], 10, 'miss'],
  ['RFC 9111 5.2.2.9 public is no lifetime', ['Cache-Control: public'], 1, 'miss'],
]

const forms: Row[] = [
  ['RFC 9111 5.2 a name in capitals', 'Cache-Control: MAX-AGE=60', 59, 'hit'],
  ['RFC 9111 5.2 a name in mixed case', 'cache-control: Max-aGe=60', 59, 'hit'],
  ['RFC 9111 5.2 S-MaxAge', 'Cache-Control: S-MaxAge=60', 59, 'hit'],
  ['RFC 9111 5.2 NO-STORE', 'Cache-Control: max-age=60, NO-STORE', 1, 'miss'],
  ['RFC 9111 5.2 Private', 'Cache-Control: max-age=60, Private', 1, 'miss'],
  ['RFC 9111 5.2 No-Cache', ['Cache-Control: max-age=60, No-Cache', 'ETag: "a"'], 1, 'validated'],
  ['RFC 9111 5.2 the quoted form', 'Cache-Control: max-age="60"', 59, 'hit'],
  ['RFC 9111 5.2 the quoted form to its end', 'Cache-Control: max-age="60"', 60, 'miss'],
  ['RFC 9111 1.2.2 leading zeros', 'Cache-Control: max-age=0060', 59, 'hit'],
  ['RFC 9111 1.2.2 leading zeros to its end', 'Cache-Control: max-age=0060', 60, 'miss'],
  ['RFC 9111 1.2.2 2147483648', 'Cache-Control: max-age=2147483648', 86_400, 'hit'],
  ['RFC 9111 1.2.2 over 2^31', 'Cache-Control: max-age=99999999999', 86_400, 'hit'],
  ['RFC 9111 1.2.2 over 2^64', `Cache-Control: max-age=${'9'.repeat(40)}`, 86_400, 'hit'],
  ['RFC 9111 4.2.1 negative', 'Cache-Control: max-age=-60', 1, 'miss'],
  ['RFC 9111 4.2.1 a plus', 'Cache-Control: max-age=+60', 1, 'miss'],
  ['RFC 9111 4.2.1 decimal', 'Cache-Control: max-age=60.0', 1, 'miss'],
  ['RFC 9111 4.2.1 letters behind', 'Cache-Control: max-age=60s', 1, 'miss'],
  ['RFC 9111 4.2.1 letters', 'Cache-Control: max-age=a60', 1, 'miss'],
  ['RFC 9111 4.2.1 hexadecimal', 'Cache-Control: max-age=0x60', 1, 'miss'],
  ['RFC 9111 4.2.1 empty', 'Cache-Control: max-age=', 1, 'miss'],
  ['RFC 9111 4.2.1 no argument', 'Cache-Control: max-age', 1, 'miss'],
  ['RFC 9111 4.2.1 single quotes', "Cache-Control: max-age='60'", 1, 'miss'],
  ['RFC 9111 4.2.1 an open quote', 'Cache-Control: max-age="60', 1, 'miss'],
  ['RFC 9111 5.2 a space before =', 'Cache-Control: max-age =60', 1, 'miss'],
  ['RFC 9111 5.2 a space after =', 'Cache-Control: max-age= 60', 1, 'miss'],
  ['RFC 9111 4.2.1 invalid outranks Expires', ['Cache-Control: max-age=a', 'Expires: {+60}'], 1, 'miss'],
  ['RFC 9111 4.2.1 invalid s-maxage outranks max-age', 'Cache-Control: s-maxage=a, max-age=60', 1, 'miss'],
  ['RFC 9110 5.6.1 empty members', 'Cache-Control: ,, max-age=60 ,', 59, 'hit'],
  ['RFC 9110 5.6.1 no space, tabs', 'Cache-Control: public,\tmax-age=60\t,foo', 59, 'hit'],
  ['RFC 9111 5.2.3 an extension', 'Cache-Control: max-age=60, foo=bar, baz', 59, 'hit'],
  [
    'RFC 9111 5.2.2.5 no-store with an argument restricts',
    'Cache-Control: max-age=60, no-store=1',
    1,
    'miss',
  ],
  ['a separator that is none', 'Cache-Control: max-age=60; no-store', 1, 'miss'],
  ['a name with more behind it', 'Cache-Control: max-ages=60', 1, 'miss'],
  ['an empty field', 'Cache-Control:', 1, 'miss'],
]

const quoted: Row[] = [
  ['RFC 9111 5.2 max-age in it', 'Cache-Control: foo="max-age=60"', 1, 'miss'],
  ['RFC 9111 5.2 behind a comma', 'Cache-Control: foo="bar, max-age=60"', 1, 'miss'],
  ['RFC 9111 5.2 before the true one', 'Cache-Control: foo="a, max-age=1", max-age=60', 59, 'hit'],
  ['RFC 9111 5.2 no-store in it', 'Cache-Control: max-age=60, foo="a, no-store, b"', 59, 'hit'],
  ['RFC 9110 5.6.4 an escaped quote', 'Cache-Control: foo="a\\", no-store, \\"", max-age=60', 59, 'hit'],
  ['RFC 9110 5.6.4 an escaped backslash', 'Cache-Control: foo="a\\\\", max-age=60', 59, 'hit'],
]

const twice: Row[] = [
  ['RFC 9111 4.2.1 of max-age the first', 'Cache-Control: max-age=10, max-age=60', 10, 'miss'],
  ['RFC 9111 4.2.1 of max-age the first, longer', 'Cache-Control: max-age=60, max-age=10', 59, 'hit'],
  ['RFC 9111 4.2.1 on two lines', ['Cache-Control: max-age=10', 'Cache-Control: max-age=60'], 10, 'miss'],
  ['RFC 9111 4.2.1 of s-maxage the first', 'Cache-Control: s-maxage=10, s-maxage=60', 10, 'miss'],
  [
    'RFC 9110 5.3 two lines are one list',
    ['Cache-Control: max-age=60', 'Cache-Control: no-store'],
    1,
    'miss',
  ],
  ['RFC 9110 5.3 no-store on the first', ['Cache-Control: no-store', 'Cache-Control: max-age=60'], 1, 'miss'],
  ['RFC 9111 5.3 several Expires', ['Expires: {+60}', 'Expires: {+90}'], 1, 'miss'],
  ['RFC 9111 5.3 the same Expires twice in a line', 'Expires: {+60}, {+60}', 1, 'miss'],
  [
    'RFC 9111 5.3 several Expires, but max-age',
    ['Expires: {-60}', 'Expires: {+90}', 'Cache-Control: max-age=60'],
    59,
    'hit',
  ],
]

t.test('rule 20: s-maxage, max-age, Expires, in this order', t => rows(t, stage, order))
t.test('rule 20: the form of a directive and its number', t => rows(t, stage, forms))
t.test("rule 20: nothing inside another directive's quoted string counts", t => rows(t, stage, quoted))
t.test('rule 20: what is said twice', t => rows(t, stage, twice))
