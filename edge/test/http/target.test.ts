import t from 'tap'
import { normaliseTarget } from '../../http/target.js'
import { hostileInputs, random } from './random.js'

const unchanged = [
  '/',
  '/a/b.html',
  '/.well-known/x',
  '/a..b/..c/...',
  '//a///b',
  '/?',
  '/a?b=c&d=/../e/./?f',
  '/a%2Fb%20c',
  '/a?x[]=1&y=%5B',
  "/a!$&'()*+,;=:@-._~",
  '/css?family=A|B&x={y}',
  '/?a=100%',
  '/?a=100%&b=%c3',
  '/?%%34%31',
  '/%252e%252e/a',
]
for (const raw of unchanged) {
  t.test(`normaliseTarget() RFC 3986 6.2.2 leaves ${raw}`, async t => t.equal(normaliseTarget(raw), raw))
}

const changed: [section: string, raw: string, expected: string][] = [
  ['6.2.2.1 case of hex digits', '/a%2fb%c3%A9', '/a%2Fb%C3%A9'],
  ['6.2.2.1 in the query', '/?a=%c3%a9', '/?a=%C3%A9'],
  ['6.2.2.2 unreserved', '/%41%7a%30%2D%5f%7E', '/Az0-_~'],
  ['6.2.2.2 in the query', '/a?%41', '/a?A'],
  ['6.2.2.2 reserved stays', '/%3a%40%3f%23', '/%3A%40%3F%23'],
  ['6.2.2.3 one dot', '/a/./b', '/a/b'],
  ['6.2.2.3 two dots', '/a/b/../c', '/a/c'],
  ['6.2.2.3 above the root', '/../../a', '/a'],
  ['6.2.2.3 one dot at the end', '/a/.', '/a/'],
  ['6.2.2.3 two dots at the end', '/a/b/..', '/a/'],
  ['6.2.2.3 nothing left', '/..', '/'],
  ['6.2.2.3 before a query', '/a/..?b=..', '/?b=..'],
  ['6.2.2.3 encoded', '/a/%2e%2E/b', '/b'],
  ['6.2.2.3 half encoded', '/a/.%2e/%2e/b', '/b'],
  ['6.2.2.3 RFC 3986 5.2.4 example', '/a/b/c/./../../g', '/a/g'],
  ['6.2.2.3 empty segments are segments', '/a//../b', '/a/b'],
  ['6.2.2.3 an encoded slash separates nothing', '/a/..%2Fb', '/a/..%2Fb'],
  ['6.2.2.2 dots in the query are no segments', '/a?x=%2e%2e/', '/a?x=../'],
]
for (const [section, raw, expected] of changed) {
  t.test(`normaliseTarget() RFC 3986 ${section}: ${raw}`, async t => t.equal(normaliseTarget(raw), expected))
}

const refused: [section: string, raw: string][] = [
  ['9112 3.2.1 empty', ''],
  ['9112 3.2.1 relative', 'a'],
  ['9112 3.2.2 absolute-form', 'http://a/'],
  ['9112 3.2.4 asterisk-form', '*'],
  ['9112 3.2 fragment', '/a#b'],
  ['9112 3.2 space', '/a b'],
  ['9112 3.2 control', '/a\r\nb'],
  ['9112 3.2 delete', '/a\x7f'],
  ['9112 3.2 over 127', '/\xe9'],
  ['9112 3.2 over 255', '/\u0141'],
  ['9112 3.2 in the query', '/?\xe9'],
  ['3986 2.1 not hex', '/%zz'],
  ['3986 2.1 one digit', '/%4'],
  ['3986 2.1 no digit', '/a%'],
  ['3986 2.1 digits made of triples', '/%%34%31'],
]
for (const at of ['/', '/?']) refused.push([`3986 2 a backslash in ${at}`, `${at}\\`])
for (const [section, raw] of refused) {
  t.test(`normaliseTarget() RFC ${section} refuses ${JSON.stringify(raw)}`, async t => {
    t.equal(normaliseTarget(raw), undefined)
  })
}

function check(raw: string): string | undefined {
  const once = normaliseTarget(raw)
  if (once === undefined) return undefined
  if (
    once
      .split('?', 1)[0]
      .split('/')
      .some(segment => /^(?:\.|%2e){1,2}$/i.test(segment))
  )
    return 'a dot segment is left'
  if (normaliseTarget(once) !== once) return 'twice is not once'
  return /^\/[\x21-\x7e]*$/.test(once) ? undefined : 'a byte that no target has'
}

t.test('normaliseTarget() takes any bytes, is idempotent and leaves no dot segment', async t => {
  const seeds = ['/a/%2e%2E/b?c=%41', '/../.%2e/./a//b/..', '/%2f%25%32%65', '/a?b']
  for (const input of hostileInputs(seeds, 6000)) {
    for (const raw of [input, `/${input}`]) {
      const fault = check(raw)
      if (fault !== undefined) t.fail(`${fault}: ${JSON.stringify(raw)}`)
    }
  }
})

t.test('normaliseTarget() holds for every mixture of dots, slashes and triples', async t => {
  const source = random(7)
  const pieces = ['.', '..', '/', '//', '%2e', '%2E', '%2f', '%25', '2e', 'a', '?', '%41']
  for (let i = 0; i < 20_000; i++) {
    let raw = '/'
    for (let left = source.below(9); left > 0; left--) raw += source.pick(pieces)
    const fault = check(raw)
    if (fault !== undefined) t.fail(`${fault}: ${raw}`)
  }
})
