// Events and requests as somebody watches them; one who reads nothing costs no memory.
import { connect } from 'node:net'
import t from 'tap'
import { Events } from '../events.js'
import { originChanges } from '../state/health.js'
import { listen } from './support/feed.js'
import { stage } from './support/stage.js'
import { watch } from './support/watch.js'

const config = (name: string) => ({ hosts: [`${name}.example`], origins: ['http://127.0.0.1:9'] })

t.test('what happens is told as it happens, and what was missed', async t => {
  const s = await stage(t)
  const all = await watch(t, s, '/v1/events')
  const { body: token } = await s.ask('POST', '/v1/tokens', {
    name: 'a',
    scopes: ['sites:read'],
    sites: ['a'],
  })
  const mine = await watch(t, s, '/v1/events', token.token)
  t.equal((await watch(t, s, '/v1/events?site=b', token.token)).status, 403)
  for (const name of ['b', 'a']) {
    await s.ask('POST', '/v1/sites', { name, config: config(name) })
    await s.ask('POST', `/v1/sites/${name}/versions/1:activate`, { comment: 'go' }, { 'if-match': '*' })
  }
  t.match(await mine.next(() => true), {
    event: 'version.activated',
    data: { site: 'a', data: { version: 1, revision: 2, comment: 'go' } },
  })
  const edge = await listen(t, s, 1)
  t.match(await all.next(({ event }) => event === 'edge.up'), {
    data: { site: null, data: { name: 'edge1' } },
  })
  const health = {
    ...{ at: '2026-11-29T12:00:00Z', ready: true, missing: [], uptimeMs: 1, workers: 2, workerDeaths: 0 },
    ...{
      cacheBytes: 3,
      cacheEntries: 4,
      requests: 5,
      origins: [{ site: 'a', url: 'http://o', state: 'ejected' }],
    },
  }
  await edge.ack({ position: 2, refused: { revision: 2, reasons: ['no'] }, health })
  t.match(await mine.next(({ event }) => event === 'origin.ejected'), {
    data: { data: { url: 'http://o', name: 'edge1' } },
  })
  t.match(await all.next(({ event }) => event === 'edge.refused'), {
    data: { data: { revision: 2, reasons: ['no'] } },
  })
  await s.ask('POST', '/v1/sites/a/purges', { kind: 'site' })
  await mine.next(({ event }) => event === 'purge.created')
  edge.leave()
  await all.next(({ event }) => event === 'edge.down')
  await s.ask('DELETE', '/v1/sites/b', undefined, { 'if-match': '*' })
  const { id } = await all.next(({ event }) => event === 'site.removed')
  const late = await watch(t, s, '/v1/events', s.token, { 'last-event-id': String(Number(id) - 2) })
  await late.next(({ event }) => event === 'site.removed')
  t.strictSame(
    late.seen.map(({ event }) => event),
    ['edge.down', 'site.removed'],
  )
  t.strictSame(
    mine.seen.map(({ event }) => event),
    ['version.activated', 'origin.ejected', 'purge.created'],
  )
  await s.ask('DELETE', `/v1/tokens/${token.id}`)
  await s.ask('POST', '/v1/sites/a/purges', { kind: 'site' })
  await mine.ended
  t.equal(mine.seen.length, 3, 'who lost his token hears nothing any more')
})

t.test('requests go from edges to who wants to see them', async t => {
  const s = await stage(t, { tailsMax: 2 })
  for (const name of ['a', 'b']) await s.ask('POST', '/v1/sites', { name, config: config(name) })
  const first = await listen(t, s, 1)
  const { body: token } = await s.ask('POST', '/v1/tokens', {
    name: 'a',
    scopes: ['usage:read'],
    sites: ['a'],
  })
  const mine = await watch(t, s, '/v1/tail?status=5xx&cacheStatus=miss&path=/x&sample=12.5', token.token)
  const { tails } = await first.line(({ type }) => type === 'tails')
  t.match(tails, [{ sites: ['a'], status: '5xx', cacheStatus: 'miss', path: '/x', samplePercent: 12.5 }])
  const all = await watch(t, s, '/v1/tail')
  const both = await first.line(({ type, tails: now }) => type === 'tails' && now.length === 2)
  const second = await listen(t, s, 2)
  t.equal((await second.line(({ type }) => type === 'tails')).tails.length, 2, 'who comes later is told')
  t.equal((await watch(t, s, '/v1/tail')).status, 409)
  t.equal((await s.askAs(token.token, 'GET', '/v1/tail?site=b')).status, 403)
  for (const bad of ['status=600', 'sample=101', 'cacheStatus=A', 'wath=1'])
    t.equal((await s.ask('GET', `/v1/tail?${bad}`)).status, 400)

  const show = (lines: unknown[], dropped = 0) =>
    s.ask('POST', '/v1/edge/tail', { edge: first.id, lines, dropped })
  const [mineId, allId] = both.tails.map(({ id }: { id: string }) => id)
  const line = { site: 'a', target: '/x/1', status: 503 }
  t.equal(
    (
      await show(
        [
          { ...line, tails: [mineId, allId] },
          { ...line, target: '/y', tails: [allId, 'nobody'] },
        ],
        3,
      )
    ).status,
    204,
  )
  t.match(await mine.next(({ event }) => event === 'request'), { data: { edge: 'edge1', ...line } })
  await all.next(({ event }) => event === 'dropped')
  t.strictSame(
    all.seen.map(({ event, data }) => [event, data.target ?? data.count]),
    [
      ['request', '/x/1'],
      ['request', '/y'],
      ['dropped', 3],
    ],
  )
  t.equal((await s.ask('POST', '/v1/edge/tail', { edge: 'nobody', lines: [], dropped: 0 })).status, 404)
  mine.leave()
  all.leave()
  await first.line(({ type, tails: now }) => type === 'tails' && now.length === 0)
})

t.test('one who reads nothing is told how much he has lost', async t => {
  const s = await stage(t)
  await s.ask('POST', '/v1/sites', { name: 'a', config: config('a') })
  const edge = await listen(t, s, 1)
  const socket = connect(Number(new URL(s.url).port), '127.0.0.1')
  socket.write(`GET /v1/tail HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${s.token}\r\n\r\n`)
  const { tails } = await edge.line(({ type }) => type === 'tails')
  const line = { site: 'a', target: `/${'x'.repeat(8_000)}`, tails: [tails[0].id] }
  for (let at = 0; at < 200; at += 1)
    await s.ask('POST', '/v1/edge/tail', { edge: edge.id, lines: Array(100).fill(line), dropped: 0 })
  let [text, shown, lost] = ['', 0, 0]
  await new Promise<void>(resolve => {
    socket.on('data', data => {
      const messages = `${text}${data}`.split('\n\n')
      text = messages.pop()!
      for (const message of messages) {
        if (message.includes('event: request')) shown += 1
        lost += Number(/dropped\ndata: \{"count":(\d+)/.exec(message)?.[1] ?? 0)
      }
      if (shown + lost === 20_000) resolve()
    })
  })
  socket.destroy()
  t.ok(lost > 10_000, `${lost} of 20,000 lines, 160 MB, were never kept`)
})

t.test('events are kept up to a number', async t => {
  const events = new Events(3, () => 0)
  for (let at = 1; at <= 5; at += 1) events.emit('x', null, at)
  t.strictSame(
    events.after(0).map(({ id }) => id),
    [3, 4, 5],
  )
  t.strictSame(
    events.after(4).map(({ data }) => data),
    [5],
  )
})

t.test('originChanges() tells of what is otherwise than it was', async t => {
  const of = (...states: string[]) =>
    ({ origins: states.map((state, at) => ({ site: 'a', url: `http://${at}`, state })) }) as never
  t.strictSame(originChanges(undefined, of('good', 'down')), [{ site: 'a', url: 'http://1', state: 'down' }])
  t.strictSame(originChanges(of('good', 'down'), of('good', 'good')), [
    { site: 'a', url: 'http://1', state: 'good' },
  ])
  t.strictSame(originChanges(of('good'), of('good')), [])
})
