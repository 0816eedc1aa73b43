import t from 'tap'
import { parseCacheControl } from '../../http/cache-control.js'
import { combinedValue } from '../../http/fields.js'
import { fieldsToKeep, mayStore, type StorableInput, type StoreRefusal } from '../../http/storable.js'

/** A storable response, with the Cache-Control of its fields and these changes. */
function verdict(fields: string[], changes: Partial<StorableInput> = {}) {
  return mayStore({
    method: 'GET',
    requestFields: [],
    status: 200,
    fields,
    cacheControl: parseCacheControl(combinedValue(fields, 'cache-control')),
    basis: 'max-age',
    lifetimeMs: 60_000,
    storeSetCookie: false,
    ...changes,
  })
}

const cc = (value: string) => ['Cache-Control', value]
const authorized = { requestFields: ['authorization', 'Basic x'] }
const unlimited = { basis: 'none', lifetimeMs: 0 } as const
const cookie = ['Set-Cookie', 'a=1']

const stored: [section: string, fields: string[], changes?: Partial<StorableInput>][] = [
  ['9111 3 explicit freshness', cc('max-age=60')],
  ['9111 3 any final status', cc('max-age=60'), { status: 599 }],
  ['9111 3 an error', cc('max-age=60'), { status: 503 }],
  ['9111 3.5 Authorization and public', cc('public'), authorized],
  ['9111 3.5 Authorization and must-revalidate', cc('must-revalidate, max-age=1'), authorized],
  ['9111 3.5 Authorization and s-maxage', cc('s-maxage=1'), authorized],
  ['9111 5.2.2.3 must-understand and a known status', cc('no-store, must-understand, max-age=60')],
  ['9111 5.2.2.7 qualified private', cc('private="x", max-age=60')],
  ['9111 4.1 Vary', ['Vary', 'Accept-Encoding, Origin']],
  [
    '9111 4.1 Vary: Accept-Encoding and a coding we know',
    ['Vary', 'accept-encoding', 'Content-Encoding', 'x-gzip, br'],
  ],
  ['9110 8.4 a foreign coding without Vary', ['Content-Encoding', 'compress']],
  ['9111 4.3.1 ETag alone', ['ETag', '"a"'], unlimited],
  ['9111 4.3.1 Last-Modified alone', ['Last-Modified', 'x'], unlimited],
  ['9111 4.3.1 max-age=0 and ETag', [...cc('max-age=0'), 'ETag', '"a"'], { basis: 'max-age', lifetimeMs: 0 }],
  ['9111 3 public and ETag, any status', [...cc('public'), 'ETag', '"a"'], { ...unlimited, status: 302 }],
  [
    '5861 3 stale-while-revalidate without freshness',
    cc('max-age=0, stale-while-revalidate=9'),
    { lifetimeMs: 0 },
  ],
  ['5861 4 stale-if-error without freshness', cc('max-age=0, stale-if-error=9'), { lifetimeMs: 0 }],
  ['9111 7.3 Set-Cookie and public', [...cookie, ...cc('public, max-age=60')]],
  ['9111 7.3 Set-Cookie and s-maxage', [...cookie, ...cc('s-maxage=60')]],
  ['9111 7.3 Set-Cookie and the site', cookie, { storeSetCookie: true }],
  ['9111 5.2.2.4 Set-Cookie kept from reuse', [...cookie, ...cc('no-cache="set-cookie", max-age=60')]],
]
const reused = { method: 'POST', contentLocationIsTarget: true }
stored.push(
  ['9110 9.3.3 POST with max-age', cc('max-age=60'), reused],
  ['9110 9.3.3 POST with Expires', ['Expires', 'x'], { ...reused, basis: 'expires' }],
  ['9110 9.3.3 POST, 201', cc('max-age=60'), { ...reused, status: 201 }],
  [
    '9110 9.3.3 POST with max-age, for as long as the site says',
    cc('max-age=60'),
    { ...reused, basis: 'policy', saidBasis: 'max-age' },
  ],
  ['9213 2.2 Set-Cookie and a targeted lifetime', [...cookie, ...cc('max-age=60')], { isTargeted: true }],
)
for (const [section, fields, changes] of stored) {
  t.test(`mayStore() RFC ${section}: stored`, async t => t.equal(verdict(fields, changes).store, true))
}

const refused: [section: string, reason: StoreRefusal, fields: string[], changes?: Partial<StorableInput>][] =
  [
    ['9111 3 POST', 'method', cc('max-age=60'), { method: 'POST' }],
    ['9110 8.7 POST without content', 'method', cc('max-age=60'), { ...reused, status: 204 }],
    ['9110 8.7 POST whose form is to be emptied', 'method', cc('max-age=60'), { ...reused, status: 205 }],
    [
      '9110 9.3.3 POST that only the site says is fresh',
      'method',
      ['ETag', '"a"'],
      { ...reused, basis: 'policy', saidBasis: 'none' },
    ],
    ['9111 3 HEAD', 'method', cc('max-age=60'), { method: 'HEAD' }],
    ['9111 3 unknown method', 'method', cc('max-age=60'), { method: 'get' }],
    ['9111 3 interim status', 'status', cc('max-age=60'), { status: 103 }],
    ['9110 15 no status', 'status', cc('max-age=60'), { status: 600 }],
    ['9111 4.3.3 304', 'status', cc('max-age=60'), { status: 304 }],
    ['9111 3.3 206', 'partial', cc('max-age=60'), { status: 206 }],
    ['9111 5.2.2.5 no-store', 'no-store', cc('no-store, max-age=60')],
    [
      '9111 5.2.2.3 must-understand and an unknown status',
      'status',
      cc('must-understand, max-age=9'),
      { status: 599 },
    ],
    [
      '9111 5.2.2.3 must-understand does not lift private',
      'private',
      cc('no-store, must-understand, private'),
    ],
    ['9111 5.2.2.7 private', 'private', cc('private, max-age=60')],
    ['9111 4.1 Vary: *', 'vary-star', ['Vary', 'a', 'Vary', 'b, *']],
    ['9111 4.1 a foreign coding', 'vary-coding', ['Vary', 'Accept-Encoding', 'Content-Encoding', 'compress']],
    ['9111 3.5 Authorization', 'authorization', cc('max-age=60'), authorized],
    ['9111 3.5 Authorization and invalid s-maxage', 'authorization', cc('s-maxage=x'), authorized],
    [
      '9111 3.5 proxy-revalidate does not permit it',
      'authorization',
      cc('proxy-revalidate, max-age=1'),
      authorized,
    ],
    ['9111 7.3 Set-Cookie', 'set-cookie', [...cookie, ...cc('max-age=60')]],
    ['9111 3 nothing to go by', 'no-freshness', [], unlimited],
    ['9111 3 nothing permits it', 'no-freshness', ['ETag', '"a"'], { ...unlimited, status: 302 }],
    ['9111 3 public alone cannot be used', 'no-freshness', cc('public'), unlimited],
    ['9111 5.2.2.4 no-cache without validator', 'no-freshness', cc('no-cache, max-age=60')],
    ['9111 4.2.1 max-age=0 without validator', 'no-freshness', cc('max-age=0'), { lifetimeMs: 0 }],
    [
      '5861 4 an invalid number permits nothing',
      'no-freshness',
      cc('max-age=0, stale-if-error=x'),
      { lifetimeMs: 0 },
    ],
  ]
refused.push(
  ['9110 9.3.3 POST with a heuristic lifetime', 'method', cc('public'), { ...reused, basis: 'heuristic' }],
  ['9110 9.3.3 POST without a lifetime', 'method', ['ETag', '"a"'], { ...reused, ...unlimited }],
  ['9110 8.7 POST, an error', 'method', cc('max-age=60'), { ...reused, status: 404 }],
  ['9110 9.3.3 POST and no-store', 'no-store', cc('max-age=60, no-store'), reused],
  ['9110 9.3.4 PUT', 'method', cc('max-age=60'), { ...reused, method: 'PUT' }],
  [
    '9213 2.2 Set-Cookie and no targeted lifetime',
    'set-cookie',
    [...cookie, ...cc('max-age=0')],
    { isTargeted: true },
  ],
)
for (const [section, reason, fields, changes] of refused) {
  t.test(`mayStore() RFC ${section}: refused`, async t => {
    t.strictSame(verdict(fields, changes), { store: false, reason })
  })
}

t.test('mayStore() says how the stored response may be used (RFC 9111 4.2.4, 5.2.2)', async t => {
  const use = (value: string) => verdict([...cc(value), 'ETag', '"a"'])
  t.strictSame(use('max-age=1'), { store: true, alwaysValidate: false, mustRevalidate: false })
  t.strictSame(use('no-cache'), { store: true, alwaysValidate: true, mustRevalidate: false })
  t.strictSame(use('no-cache="x"'), { store: true, alwaysValidate: false, mustRevalidate: false })
  for (const value of ['must-revalidate', 'proxy-revalidate', 's-maxage=1']) {
    t.strictSame(use(value), { store: true, alwaysValidate: false, mustRevalidate: true }, value)
  }
})

t.test('fieldsToKeep() drops what qualified directives name (RFC 9111 5.2.2.4, 5.2.2.7)', async t => {
  const fields = ['A', '1', 'b', '2', 'a', '3', 'C', '4']
  t.strictSame(fieldsToKeep(fields, parseCacheControl('no-cache="a", private=c')), ['b', '2'])
  t.strictSame(fieldsToKeep(fields, parseCacheControl('no-cache, private')), fields)
})
