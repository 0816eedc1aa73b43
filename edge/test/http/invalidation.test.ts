import t from 'tap'
import {
  GROUP_BYTES_MAX,
  GROUPS_MAX,
  groupsOf,
  invalidatedGroups,
  invalidatedTargets,
  invalidates,
} from '../../http/invalidation.js'
import { hostileInputs } from './random.js'

const methods: [section: string, method: string, status: number, expected: boolean][] = [
  ['9111 4.4 POST', 'POST', 200, true],
  ['9111 4.4 PUT', 'PUT', 204, true],
  ['9111 4.4 DELETE', 'DELETE', 202, true],
  ['9111 4.4 PATCH', 'PATCH', 299, true],
  ['9111 4.4 unknown method', 'FOO', 200, true],
  ['9110 9.1 methods have a case', 'get', 200, true],
  ['9111 4.4 redirection', 'POST', 303, true],
  ['9111 4.4 client error', 'POST', 400, false],
  ['9111 4.4 server error', 'POST', 500, false],
  ['9111 4.4 interim', 'POST', 103, false],
  ['9110 9.2.1 GET', 'GET', 200, false],
  ['9110 9.2.1 HEAD', 'HEAD', 200, false],
  ['9110 9.2.1 OPTIONS', 'OPTIONS', 200, false],
  ['9110 9.2.1 TRACE', 'TRACE', 200, false],
]
for (const [section, method, status, expected] of methods) {
  t.test(`invalidates() RFC ${section} ${status}`, async t => t.equal(invalidates(method, status), expected))
}

function targets(fields: string[], method = 'POST', status = 201): string[] {
  return invalidatedTargets({ method, status, fields, target: '/a/b', host: 'shop.example', scheme: 'http' })
}

const pointed: [section: string, fields: string[], expected: string[]][] = [
  ['the target', [], ['/a/b']],
  ['Location', ['Location', '/c'], ['/a/b', '/c']],
  ['Content-Location', ['content-location', 'c'], ['/a/b', '/a/c']],
  ['both', ['Content-Location', '/d', 'Location', 'http://shop.example/c'], ['/a/b', '/c', '/d']],
  ['each once', ['Location', '/a/b', 'Content-Location', 'b'], ['/a/b']],
  [
    'other origin',
    ['Location', 'http://other.example/c', 'Content-Location', 'https://shop.example/'],
    ['/a/b'],
  ],
]
for (const [section, fields, expected] of pointed) {
  t.test(`invalidatedTargets() RFC 9111 4.4 ${section}`, async t => t.strictSame(targets(fields), expected))
}

t.test('invalidatedTargets() is empty for an error and a safe method (RFC 9111 4.4)', async t => {
  t.strictSame(targets(['Location', '/c'], 'POST', 404), [])
  t.strictSame(targets(['Location', '/c'], 'GET', 200), [])
})

const many = Array.from({ length: GROUPS_MAX + 1 }, (_, i) => `"g${i}"`).join(', ')
const groups: [section: string, value: string, expected: string[]][] = [
  ['strings', '"a", "B c"', ['a', 'B c']],
  ['each once', '"a", "a"', ['a']],
  ['case counts', '"a", "A"', ['a', 'A']],
  ['parameters are ignored', '"a";x=1', ['a']],
  ['a token spoils the field', '"a", b', []],
  ['an inner list spoils the field', '("a")', []],
  ['an error spoils the field', '"a", "b', []],
  [
    'too long',
    `"a", "${'b'.repeat(GROUP_BYTES_MAX + 1)}", "${'c'.repeat(GROUP_BYTES_MAX)}"`,
    ['a', 'c'.repeat(GROUP_BYTES_MAX)],
  ],
  ['too many', many, Array.from({ length: GROUPS_MAX }, (_, i) => `g${i}`)],
]
for (const [section, value, expected] of groups) {
  t.test(`groupsOf() and invalidatedGroups() RFC 9875 2 and 3 ${section}`, async t => {
    t.strictSame(groupsOf(['Cache-Groups', value]), expected)
    t.strictSame(invalidatedGroups('POST', 200, ['Cache-Group-Invalidation', value]), expected)
  })
}

t.test(
  'groupsOf() combines lines and invalidatedGroups() ignores safe methods and errors (RFC 9875 3)',
  async t => {
    t.strictSame(groupsOf(['cache-groups', '"a"', 'Cache-Groups', '"b"']), ['a', 'b'])
    t.strictSame(groupsOf([]), [])
    const fields = ['Cache-Group-Invalidation', '"a"']
    t.strictSame(invalidatedGroups('GET', 200, fields), [])
    t.strictSame(invalidatedGroups('POST', 500, fields), [])
  },
)

t.test('invalidation takes any bytes and stays bounded', async t => {
  for (const input of hostileInputs(['/c', '"a", "b";x', many], 4000)) {
    if (targets(['Location', input]).length > 2) t.fail(input)
    if (groupsOf(['Cache-Groups', input]).length > GROUPS_MAX) t.fail(input)
  }
})
