import { pino } from 'pino'
import t from 'tap'
import { AccessLog, type AccessLogOptions } from '../../usage/log.js'
import { exchangeOf, NotingResponder, siteOf } from '../support/exchange.js'

const all: AccessLogOptions = { accessEvery: 1, clientAddress: 'whole', query: 'whole' }

function logOf(options: Partial<AccessLogOptions> = {}) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: text => void lines.push(JSON.parse(text)) })
  return { lines, log: new AccessLog(log, { ...all, ...options }) }
}

function lineOf(x: ReturnType<typeof exchangeOf>, completed = true): Record<string, unknown> {
  const { lines, log } = logOf()
  log.write(x, completed, 1_012.34567)
  return lines[0]
}

t.test('AccessLog writes one line with what came of a request', async t => {
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

t.test('AccessLog leaves out what there was not', async t => {
  const line = lineOf(exchangeOf({ host: '', hostField: 'As Sent' }), false)
  for (const name of ['detail', 'site', 'origin']) t.notOk(name in line, name)
  t.match(line, { host: 'As Sent', completed: false, userAgent: '' })
})

t.test('AccessLog cuts what a client may make long', async t => {
  const long = 'x'.repeat(5_000)
  const line = lineOf(
    exchangeOf({ method: long, target: long, host: '', hostField: long, fields: ['user-agent', long] }),
  )
  const longest = { method: 128, target: 1_024, host: 128, userAgent: 512 }
  for (const [name, length] of Object.entries(longest)) t.equal(line[name], `${'x'.repeat(length)}...`, name)
})

t.test('AccessLog keeps a line within one write, whatever is in it (PIPE_BUF)', async t => {
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

t.test('AccessLog writes each so many of the good ones, and all that failed', async t => {
  const { lines, log } = logOf({ accessEvery: 3 })
  for (let i = 1; i <= 7; i += 1)
    log.write(exchangeOf({ status: 200, result: 'hit', target: `/${i}` }), true, 0)
  log.write(exchangeOf({ status: 503, result: 'refused', target: '/503' }), true, 0)
  log.write(exchangeOf({ status: 200, result: 'error', target: '/cut' }), false, 0)
  log.write(exchangeOf({ status: 404, result: 'hit', target: '/404' }), true, 0)
  t.strictSame(
    lines.map(({ target }) => target),
    ['/3', '/6', '/503', '/cut'],
  )
})

t.test('AccessLog says how lines of others look, if there are to be any', async t => {
  const log = pino({ base: { pid: 1, name: 'edge' } }, { write: () => {} })
  t.strictSame(new AccessLog(log, { ...all, accessEvery: 2 }).frame, {
    before: '{"level":30,"time":',
    between: ',"pid":1,"name":"edge"',
    every: 2,
  })
  t.equal(new AccessLog(pino({ base: null }), all).frame?.between, '')
  t.equal(new AccessLog(pino({ level: 'warn' }), all).frame, undefined)
})

t.test('AccessLog leaves out what may not be written down, and finds the trace', async t => {
  const { lines, log } = logOf({ clientAddress: 'truncated', query: 'off' })
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const fields = ['traceparent', `00-${trace}-00f067aa0ba902b7-01`]
  log.write(exchangeOf({ clientAddress: '192.0.2.7', target: '/a?secret', fields }), true, 0)
  t.match(lines[0], { client: '192.0.2.0', target: '/a', trace })
  const none = logOf({ clientAddress: 'off' })
  none.log.write(exchangeOf({ clientAddress: '192.0.2.7' }), true, 0)
  t.notOk('client' in none.lines[0]!)
  t.notOk('trace' in none.lines[0]!)
})
