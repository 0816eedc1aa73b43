import { pino } from 'pino'
import t from 'tap'
import { logAccess } from '../../usage/log.js'
import { exchangeOf, NotingResponder, siteOf } from '../support/exchange.js'

function lineOf(x: ReturnType<typeof exchangeOf>, completed = true): Record<string, unknown> {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: text => void lines.push(JSON.parse(text)) })
  logAccess(log, x, completed, 1_012.34567)
  return lines[0]
}

t.test('logAccess() writes one line with what came of a request', async t => {
  const responder = new NotingResponder()
  responder.bodyBytesOut = 12
  const line = lineOf(
    exchangeOf({
      startedMs: 1_000,
      status: 200,
      result: 'miss',
      detail: 'no-store',
      originUrl: 'http://o',
      site: siteOf(),
      fields: ['user-agent', 'curl'],
      responder,
    }),
  )
  const { time, ...rest } = line
  t.type(time, 'number')
  t.strictSame(rest, {
    level: 30,
    msg: 'access',
    client: '192.0.2.1',
    method: 'GET',
    host: 'play.example',
    target: '/',
    status: 200,
    result: 'miss',
    detail: 'no-store',
    site: 'play',
    origin: 'http://o',
    bytesIn: 0,
    bytesOut: 12,
    durationMs: 12.346,
    completed: true,
    userAgent: 'curl',
  })
})

t.test('logAccess() leaves out what there was not', async t => {
  const line = lineOf(exchangeOf({ host: '', hostField: 'As Sent' }), false)
  for (const name of ['detail', 'site', 'origin']) t.notOk(name in line, name)
  t.match(line, { host: 'As Sent', completed: false, userAgent: '' })
})

t.test('logAccess() cuts what a client may make long', async t => {
  const long = 'x'.repeat(5_000)
  const line = lineOf(
    exchangeOf({ method: long, target: long, host: '', hostField: long, fields: ['user-agent', long] }),
  )
  const longest = { method: 128, target: 1_024, host: 128, userAgent: 512 }
  for (const [name, length] of Object.entries(longest)) t.equal(line[name], `${'x'.repeat(length)}...`, name)
})

t.test('logAccess() keeps a line within one write, whatever is in it (PIPE_BUF)', async t => {
  for (const filler of ['x', '"', '\\', '\u0001', '\ud800', '\u20ac', '\ufffd']) {
    const long = filler.repeat(20_000)
    const x = exchangeOf({
      method: long,
      target: long,
      host: '',
      hostField: long,
      fields: ['user-agent', long],
    })
    t.ok(Buffer.byteLength(JSON.stringify(lineOf(x))) < 3_500, JSON.stringify(filler))
  }
})
