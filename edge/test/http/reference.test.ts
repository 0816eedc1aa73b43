import t from 'tap'
import { type Base, isContentLocationTarget, sameOriginTarget } from '../../http/reference.js'
import { normaliseTarget } from '../../http/target.js'
import { hostileInputs } from './random.js'

const base: Base = { target: '/a/b?x=1', host: 'shop.example', scheme: 'http' }

const cases: [section: string, reference: string, expected: string | undefined, changes?: Partial<Base>][] = [
  ['3986 4.2 absolute path', '/c?y', '/c?y'],
  ['3986 5.2.3 relative path', 'c', '/a/c'],
  ['3986 5.2.4 dot segments', '../../c/./d', '/c/d'],
  ['3986 5.2.4 dot segments in disguise', '%2e%2E/c', '/c'],
  ['3986 5.2.2 query alone', '?y', '/a/b?y'],
  ['3986 5.2.2 empty query', '?', '/a/b?'],
  ['3986 4.4 empty', '', '/a/b?x=1'],
  ['3986 4.4 fragment alone', '#f', '/a/b?x=1'],
  ['3986 3.5 fragment', '/c#f?g', '/c'],
  ['3986 6.2.2 normalised', '/%7ec%2f', '/~c%2F'],
  ['3986 4.2 same authority', '//shop.example/c', '/c'],
  ['3986 4.3 absolute', 'http://shop.example/c?y#f', '/c?y'],
  ['3986 6.2.2.1 scheme and host in any case', 'HTTP://SHOP.example./c', '/c'],
  ['3986 6.2.3 no path', 'http://shop.example', '/'],
  ['3986 6.2.3 no path but a query', 'http://shop.example?y', '/?y'],
  ['9111 4.4 other scheme', 'https://shop.example/c', undefined],
  ['9111 4.4 other host', 'http://other.example/c', undefined],
  ['9111 4.4 other host without scheme', '//other.example/c', undefined],
  ['9111 4.4 sub-domain', 'http://a.shop.example/c', undefined],
  ['9110 4.2.4 userinfo', 'http://shop.example@other.example/c', undefined],
  ['9110 4.2.4 userinfo of ours', 'http://me@shop.example/c', undefined],
  ['3986 3.1 no hierarchy', 'http:c', undefined],
  ['3986 3.1 other kinds', 'mailto:a@shop.example', undefined],
  ['9110 4.2.1 no host', 'http:///c', undefined],
  ['9110 4.2.1 a bad port', 'http://shop.example:x/c', undefined],
  ['9112 3.2 space', '/c d', undefined],
  ['9112 3.2 backslash', '\\\\other.example/c', undefined],
  ['9110 4.2.3 a port where the scheme has its own', 'http://shop.example:8080/c', undefined],
  ['9110 4.2.3 the port of the scheme, written', 'http://shop.example:80/c', '/c'],
  ['9110 4.2.3 an empty port', 'http://shop.example:/c', '/c'],
  ['9110 4.2.3 a port with zeros before it', 'http://shop.example:0080/c', '/c'],
  [
    '9110 4.2.3 no port where there is one',
    'http://shop.example/c',
    undefined,
    { host: 'shop.example:8080' },
  ],
  ['same port', 'http://shop.example:8080/c', '/c', { host: 'shop.example:8080' }],
  ['other port', 'http://shop.example:8081/c', undefined, { host: 'shop.example:8080' }],
  ['port of the scheme', 'https://shop.example/c', '/c', { host: 'shop.example:443', scheme: 'https' }],
  ['address', 'http://[::1]/c', '/c', { host: '[::1]' }],
  ['address with a port', 'http://[::1]:8080/c', '/c', { host: '[::1]:8080' }],
  ['address with another port', 'http://[::1]:8080/c', undefined, { host: '[::1]' }],
]
for (const [section, reference, expected, changes] of cases) {
  t.test(`sameOriginTarget() RFC ${section}`, async t => {
    t.equal(sameOriginTarget(reference, { ...base, ...changes }), expected)
  })
}

t.test('sameOriginTarget() gives a normalised target or nothing, whatever the bytes', async t => {
  for (const reference of hostileInputs(
    ['http://shop.example/c?y#f', '../c/%2e%2e/d', '//shop.example:80'],
    6000,
  )) {
    const target = sameOriginTarget(reference, base)
    if (target !== undefined && normaliseTarget(target) !== target) t.fail(JSON.stringify(reference))
  }
})

t.test('isContentLocationTarget() RFC 9110 8.7', async t => {
  const isTarget = (...values: string[]) =>
    isContentLocationTarget(
      values.flatMap(value => ['Content-Location', value]),
      base,
    )
  t.equal(isTarget('/a/b?x=1'), true)
  t.equal(isTarget('http://shop.example/a/b?x=1'), true)
  t.equal(isTarget('b?x=1'), true)
  t.equal(isTarget('/a/b'), false)
  t.equal(isTarget('/a/b?x=1', '/a/b?x=1'), false)
  t.equal(isTarget(), false)
})
