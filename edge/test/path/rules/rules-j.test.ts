// Plays of http-rules.md J: what clients see. Cache-Status (RFC 9211), Age and Via; framing of every answer.
// 34 Cache-Status: `rule 34: Cache-Status on every response`; single-valued: `rule 34: never two of what is one`
// 35 framing: `rule 35: the length is right`; 36 Content-Encoding and Vary: `rule 36: a coding as it came`
import t from 'tap'
import { ruleStage } from '../../support/rules.js'
import { resets, says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = says(200, ['Cache-Control: max-age=60', 'ETag: "a"'], { body: 'hello' })

t.test('rule 34: Cache-Status on every response', async t => {
  const is = (value: string) => ({ 'cache-status': `naij; ${value}` })
  await stage.play(t, 'RFC 9211 2 miss, hit, 304, 206, 412, 416, HEAD', [
    { says: minute, has: is('fwd=uri-miss; fwd-status=200; stored') },
    { after: 5, has: is('hit; ttl=55') },
    { fields: ['If-None-Match: "a"'], status: 304, has: is('hit; ttl=55') },
    { fields: ['Range: bytes=0-1'], status: 206, has: is('hit; ttl=55') },
    { fields: ['Range: bytes=9-'], status: 416, has: is('hit; ttl=55') },
    { method: 'HEAD', status: 200, has: is('hit; ttl=55') },
    { after: 55, says: says(304), has: is('fwd=stale; fwd-status=304; stored') },
    { after: 60, says: minute, has: is('fwd=stale; fwd-status=200; stored') },
    { after: 65, says: resets, status: 200, has: { age: '65' } },
  ])
  await stage.play(t, 'RFC 9211 2.2 methods, what is not stored, failures', [
    { method: 'POST', says: says(200), has: is('fwd=method; fwd-status=200') },
    { method: 'POST', says: says(500), has: is('fwd=method; fwd-status=500') },
    { says: says(200, 'Cache-Control: no-store'), has: is('fwd=uri-miss; fwd-status=200; detail=no-store') },
    { says: says(200, 'Cache-Control: private'), has: is('fwd=uri-miss; fwd-status=200; detail=private') },
    { says: says(404), has: is('fwd=uri-miss; fwd-status=404; detail=no-freshness') },
    {
      fields: ['Range: bytes=0-1'],
      says: says(206, 'Content-Range: bytes 0-1/5', { body: 'he' }),
      has: is('fwd=uri-miss; fwd-status=206'),
    },
    { method: 'TRACE', status: 405, has: is('detail=method-not-allowed') },
  ])
  await stage.play(t, 'RFC 9211 2 those of caches behind us come first', [
    {
      says: says(200, ['Cache-Control: max-age=60', 'Cache-Status: inner; hit']),
      has: { 'cache-status': 'inner; hit, naij; fwd=uri-miss; fwd-status=200; stored' },
    },
    { has: { 'cache-status': 'inner; hit, naij; hit; ttl=60' } },
  ])
})

t.test('rule 34: never two of what is one', async t => {
  const said = says(200, [
    'Cache-Control: max-age=60',
    'Date: {0}',
    'Date: {-5}',
    'Age: 3',
    'Age: 9',
    'Via: 1.1 inner',
    'Content-Type: text/plain',
    'Server: inner',
  ])
  const has = {
    age: '3',
    via: '1.1 inner, 1.1 naij',
    'content-length': '1',
    'content-type': 'text/plain',
    server: 'inner',
  }
  await stage.play(t, 'RFC 9110 5.3 Age, Via, Content-Length', [
    { says: said, is: 'miss', has },
    { is: 'hit', has },
  ])
})

t.test('rule 35: the length is right', async t => {
  await stage.play(t, 'RFC 9110 8.6 HEAD', [
    { says: minute, text: 'hello', has: { 'content-length': '5', 'transfer-encoding': '' } },
    { method: 'HEAD', text: '', has: { 'content-length': '5', 'transfer-encoding': '' } },
  ])
  await stage.play(t, 'RFC 9110 8.6 none in 204 and 304', [
    {
      says: says(204, 'Cache-Control: max-age=60'),
      status: 204,
      has: { 'content-length': '', 'transfer-encoding': '' },
    },
    { is: 'hit', status: 204, has: { 'content-length': '', 'transfer-encoding': '' } },
  ])
  await stage.play(t, 'RFC 9112 6.3 an empty body', [
    { says: says(200, 'Cache-Control: max-age=60', { body: '' }), text: '', has: { 'content-length': '0' } },
    { is: 'hit', text: '', has: { 'content-length': '0' } },
    { method: 'HEAD', is: 'hit', text: '', has: { 'content-length': '0' } },
  ])
  await stage.play(t, 'RFC 9112 7.1 what came in chunks', [
    {
      says: says(200, ['Cache-Control: max-age=60', 'Transfer-Encoding: chunked'], {
        body: '5\r\nhello\r\n0\r\n\r\n',
      }),
      text: 'hello',
      has: { 'content-length': '' },
    },
    { is: 'hit', text: 'hello', has: { 'content-length': '5', 'transfer-encoding': '' } },
  ])
  await stage.play(t, 'RFC 9112 6.3 more than promised is not sent', [
    { says: says(200, ['Cache-Control: max-age=60', 'Content-Length: 4'], { body: 'hello' }), text: 'hell' },
    { is: 'hit', text: 'hell' },
  ])
  await stage.play(t, 'RFC 9112 6.3 lengths that differ', [
    { says: says(200, ['Content-Length: 4', 'Content-Length: 5'], { body: 'hello' }), status: 502 },
  ])
})

t.test('rule 36: a coding as it came', async t => {
  const lines = ['Cache-Control: max-age=60', 'Content-Encoding: gzip', 'Vary: Accept-Encoding', 'ETag: "gz"']
  const has = { 'content-encoding': 'gzip', vary: 'Accept-Encoding', etag: '"gz"' }
  const fields = ['Accept-Encoding: gzip']
  await stage.play(t, 'RFC 9110 8.4, 12.5.5', [
    { fields, says: says(200, lines), is: 'miss', has },
    { fields, is: 'hit', has },
    {
      fields: [...fields, 'If-None-Match: "gz"'],
      is: 'hit',
      status: 304,
      has: { etag: '"gz"', vary: 'Accept-Encoding' },
    },
    {
      says: says(200, ['Cache-Control: max-age=60', 'Vary: Accept-Encoding', 'ETag: "id"']),
      is: 'miss',
      has: { 'content-encoding': '', etag: '"id"' },
    },
    { fields, is: 'hit', has },
  ])
})
