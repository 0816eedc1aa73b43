import t from 'tap'
import { isFinal, isUnderstood, mayHaveBody, statusLine } from '../../http/status.js'

t.test('statusLine() names what is registered (RFC 9110 15)', async t => {
  t.equal(statusLine(200), '200 OK')
  t.equal(statusLine(404), '404 Not Found')
  t.equal(statusLine(599), '599 Unknown')
  t.equal(statusLine(1000), '1000 Unknown')
})

t.test('mayHaveBody() is false where the head ends the message (RFC 9112 6.3)', async t => {
  for (const code of [100, 103, 199, 204, 304]) t.notOk(mayHaveBody(code), `${code}`)
  for (const code of [200, 205, 206, 301, 404, 500]) t.ok(mayHaveBody(code), `${code}`)
})

t.test('isFinal() tells interim responses apart (RFC 9110 15.2)', async t => {
  for (const code of [100, 101, 103]) t.notOk(isFinal(code), `${code}`)
  for (const code of [200, 304, 599]) t.ok(isFinal(code), `${code}`)
})

t.test('isUnderstood() knows registered codes only (RFC 9111 5.2.2.3)', async t => {
  t.ok(isUnderstood(200))
  t.notOk(isUnderstood(299))
})
