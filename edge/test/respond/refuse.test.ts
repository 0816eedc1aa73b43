import t from 'tap'
import { mayHaveBody, statusLine } from '../../http/status.js'
import { failure, lastHop, refusalHead, refusals } from '../../respond/refuse.js'

const everything = Object.entries(refusals)

for (const [name, why] of everything) {
  t.test(`refusals.${name} is a whole answer that nobody stores`, async t => {
    const { head, body } = refusalHead(why, 'naij', 'naij; detail=x')
    t.equal(head.status, why.status)
    t.ok(why.status >= 400 && mayHaveBody(why.status))
    t.notMatch(statusLine(why.status), /Unknown/)
    t.match(why.code, /^[a-z-]+$/)
    t.equal(String(body), `${why.status} ${why.code}: ${why.message}\n`)
    const lines = `${Buffer.from(head.block)}: ${head.tail}`.split('\r\n')
    t.ok(lines.includes('Cache-Control: no-store'))
    t.ok(lines.includes('Content-Type: text/plain; charset=utf-8'))
    t.ok(lines.includes('Via: 1.1 naij'))
    t.equal(lines.at(-1), 'Cache-Status: naij; detail=x')
    for (const line of lines) t.match(line, /^[A-Za-z-]+: [\x20-\x7e]+$/)
  })
}

t.test('refusals name what RFC 9110 asks for', async t => {
  t.ok(refusals.methodNotAllowed.lines?.[0].startsWith('Allow: '), '15.5.6')
  for (const why of [refusals.overloaded, refusals.draining]) {
    t.strictSame(why.lines, ['Retry-After: 1'], '15.6.4')
  }
  for (const name of ['framing', 'host', 'method', 'target', 'bodyTooLarge'] as const) {
    t.ok(refusals[name].close, `${name}: what follows on the connection cannot be trusted`)
  }
})

t.test('lastHop is a 200 without content that says what is passed on (RFC 9110 9.3.7)', async t => {
  const { head, body } = refusalHead(lastHop, 'naij', 'naij; detail=max-forwards')
  t.equal(head.status, 200)
  t.equal(body.length, 0)
  t.strictSame(`${Buffer.from(head.block)}: ${head.tail}`.split('\r\n'), [
    'Cache-Control: no-store',
    'Via: 1.1 naij',
    'Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'Cache-Status: naij; detail=max-forwards',
  ])
})

const failures: [code: string, status: number, message: RegExp, lines: string[]][] = [
  ['connect-refused', 502, /could not be reached/, []],
  ['first-byte-timeout', 504, /in time/, []],
  ['origin-busy', 503, /No origin can take/, ['Retry-After: 1']],
  ['body-too-large', 413, /failed/, []],
]
for (const [code, status, message, lines] of failures) {
  t.test(`failure() ${code} ${status}`, async t => {
    const why = failure(code, status)
    t.match(why, { code, status, close: false, lines })
    t.match(why.message, message)
  })
}
