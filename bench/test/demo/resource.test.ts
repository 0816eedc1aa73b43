import t from 'tap'
import { type Conditions, fieldsOf, isUnchanged, type Resource, tagOf } from '../../demo/resource.js'

const modifiedAt = new Date('2026-01-05T08:00:00.750Z')
const resource: Resource = {
  status: 200,
  type: 'text/plain',
  body: Buffer.from('hello'),
  cacheControl: 'max-age=1',
  modifiedAt,
}
const tag = tagOf(resource.body)

t.test('fieldsOf() names type, lifetime and both validators', async t => {
  t.strictSame(fieldsOf({ ...resource, fields: { Vary: 'Accept' } }), {
    'Content-Type': 'text/plain',
    'Cache-Control': 'max-age=1',
    ETag: tag,
    'Last-Modified': 'Mon, 05 Jan 2026 08:00:00 GMT',
    Vary: 'Accept',
  })
  t.match(tag, /^"[\w-]{16}"$/)
  t.not(tagOf(Buffer.from('other')), tag)
})

t.test('isUnchanged() obeys RFC 9110 13', async t => {
  const cases: [name: string, conditions: Conditions, expected: boolean][] = [
    ['no condition', {}, false],
    ['13.1.2 the tag', { 'if-none-match': tag }, true],
    ['13.1.2 weak comparison', { 'if-none-match': `W/${tag}` }, true],
    ['13.1.2 in a list', { 'if-none-match': `"a", ${tag} ,"b"` }, true],
    ['13.1.2 star', { 'if-none-match': '*' }, true],
    ['13.1.2 another tag', { 'if-none-match': '"a"' }, false],
    ['13.1.3 the same second', { 'if-modified-since': 'Mon, 05 Jan 2026 08:00:00 GMT' }, true],
    ['13.1.3 later', { 'if-modified-since': 'Tue, 06 Jan 2026 08:00:00 GMT' }, true],
    ['13.1.3 earlier', { 'if-modified-since': 'Mon, 05 Jan 2026 07:59:59 GMT' }, false],
    ['13.1.3 not a date', { 'if-modified-since': 'yesterday' }, false],
    [
      '13.1.3 not looked at beside If-None-Match',
      { 'if-none-match': '"a"', 'if-modified-since': 'Tue, 06 Jan 2026 08:00:00 GMT' },
      false,
    ],
  ]
  for (const [name, conditions, expected] of cases) t.equal(isUnchanged(resource, conditions), expected, name)
  t.equal(isUnchanged({ ...resource, status: 404 }, { 'if-none-match': '*' }), false)
})
