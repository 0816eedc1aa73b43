import t from 'tap'
import { firstFault, readJson } from '../json.js'
import { pick, randomFrom } from './support.js'

t.test('readJson() says where and why a text is not JSON', async t => {
  const cases: [string, string][] = [
    ['', 'line 1 column 1: the text ends, expected a value'],
    ['  \n', 'line 2 column 1: the text ends, expected a value'],
    ['{', 'line 1 column 2: the text ends, expected a key in double quotes or "}"'],
    ['{"a"', 'line 1 column 5: the text ends, expected ":" after the key'],
    ['{"a":1,}', 'line 1 column 8: found "}", expected a key in double quotes'],
    ['{"a":1 "b"', 'line 1 column 8: found "\\"", expected "," or the closing bracket'],
    ['{\n  "a": [1,],\n}', 'line 2 column 11: found "]", expected a value'],
    ['[', 'line 1 column 2: the text ends, expected a value or "]"'],
    ['[1}', 'line 1 column 3: found "}", expected "," or the closing bracket'],
    ['{} {}', 'line 1 column 4: found "{", expected the end of the text'],
    ['{a: 1}', 'line 1 column 2: found "a", expected a key in double quotes or "}"'],
    ["{'a': 1}", 'line 1 column 2: found "\'", expected a key in double quotes or "}"'],
    ['// x\n{}', 'line 1 column 1: a comment, which JSON does not have, expected a value'],
    [
      '"a\nb"',
      'line 1 column 1: a text in double quotes does not end on its line or has a wrong escape, expected a value',
    ],
    [
      '["\\x"]',
      'line 1 column 2: a text in double quotes does not end on its line or has a wrong escape, expected a value or "]"',
    ],
    [
      '["a',
      'line 1 column 2: a text in double quotes does not end on its line or has a wrong escape, expected a value or "]"',
    ],
    ['[01]', 'line 1 column 3: found "1", expected "," or the closing bracket'],
    ['[\u00a01]', 'line 1 column 2: character U+00a0, expected a value or "]"'],
    ['nul', 'line 1 column 1: found "n", expected a value'],
    ['tru\u0000', 'line 1 column 1: found "t", expected a value'],
  ]
  for (const [text, message] of cases) {
    t.strictSame(readJson(text), { ok: false, message: `not JSON at ${message}` }, JSON.stringify(text))
  }
})

t.test('readJson() gives the value of what is JSON', async t => {
  t.strictSame(readJson(' {"a":[1,-2.5e3,"\\u00e4\\n",true,null,{}]} '), {
    ok: true,
    value: { a: [1, -2500, 'ä\n', true, null, {}] },
  })
})

t.test('readJson() takes texts of millions of characters and brackets', async t => {
  t.match(readJson('['.repeat(1_000_000)), { ok: false, message: /column 1000001: the text ends/ })
  t.match(readJson(`"${'a'.repeat(3_000_000)}`), { ok: false, message: /column 1: a text in double quotes/ })
  t.match(readJson(`"${'\\n'.repeat(1_000_000)}" x`), { ok: false, message: /column 2000004: found "x"/ })
})

t.test('firstFault() finds a fault exactly when JSON.parse does', async t => {
  const random = randomFrom(1)
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"',
    '1',
    '-',
    '.5',
    'e3',
    '0',
    'true',
    'null',
    ' ',
    '\n',
    '\\',
    'x',
  ]
  const differing: string[] = []
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick(random, pieces)).join('')
    if ((firstFault(text) === undefined) !== isJson(text)) differing.push(text)
  }
  t.strictSame(differing, [])
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    return !(error instanceof SyntaxError)
  }
}
