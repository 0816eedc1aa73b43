// What edges hear and say: the feed, what is known of each edge, and what becomes of one that is too late, too slow or not
// allowed any more.
import t from 'tap'
import { edgeId, listen } from './support/feed.js'
import { type Stage, stage } from './support/stage.js'

const config = { hosts: ['shop.example'], origins: ['http://127.0.0.1:9000'] }

async function activate(s: Stage, name: string, hosts: string[]): Promise<void> {
  await s.ask('POST', '/v1/sites', { name, config: { ...config, hosts } })
  const { etag } = await s.ask('GET', `/v1/sites/${name}`)
  await s.ask('POST', `/v1/sites/${name}/versions/1:activate`, { comment: 'go' }, { 'if-match': etag! })
}

t.test('an edge hears what it has missed, then what comes, then that control is there', async t => {
  const s = await stage(t, { heartbeatMs: 100 })
  await activate(s, 'a', ['a.example'])
  await activate(s, 'b', ['b.example'])
  const edge = await listen(t, s, 1, { after: 1 })
  t.match(await edge.line(({ type }) => type === 'hello'), { position: 2, revision: 2, heartbeatMs: 100 })
  t.match(await edge.line(({ type }) => type === 'site'), {
    position: 2,
    revision: 2,
    name: 'b',
    config: { hosts: ['b.example'] },
  })
  const { etag } = await s.ask('GET', '/v1/sites/a')
  await s.ask('DELETE', '/v1/sites/a', undefined, { 'if-match': etag! })
  t.match(await edge.line(({ name }) => name === 'a'), { position: 3, revision: 3, config: null })
  t.match(await edge.line(({ type }) => type === 'beat'), { position: 3 })
  t.strictSame(edge.lines.filter(({ type }) => type !== 'beat').length, 3)
})

t.test('of each edge it is known how far it has come, what it refused, and whether it is there', async t => {
  const s = await stage(t)
  await activate(s, 'a', ['a.example'])
  const edge = await listen(t, s, 1)
  t.equal((await edge.ack({ position: 1, revision: 1, refused: null })).status, 204)
  const path = `/v1/edges/${edge.id}`
  t.match(await s.ask('GET', path), {
    body: { name: 'edge1', state: 'up', revision: 1, drift: false, behind: 0, health: null, refused: null },
  })
  await activate(s, 'b', ['b.example'])
  const health = {
    ...{ at: '2026-11-29T12:00:00Z', ready: true, missing: [], uptimeMs: 1, workers: 2, workerDeaths: 0 },
    ...{
      cacheBytes: 3,
      cacheEntries: 4,
      requests: 5,
      origins: [{ site: 'a', url: 'http://a', state: 'good' }],
    },
  }
  await edge.ack({ position: 2, revision: 1, refused: { revision: 2, reasons: ['no such file'] }, health })
  t.match(await s.ask('GET', path), {
    body: { drift: true, revisionWanted: 2, refused: { revision: 2, reasons: ['no such file'] }, health },
  })
  edge.leave()
  while ((await s.ask('GET', path)).body.state === 'up') await new Promise(resolve => setTimeout(resolve, 5))
  await s.restart()
  t.match((await s.ask('GET', '/v1/edges')).body.items, [
    { id: edge.id, state: 'down', revision: 1, position: 2 },
  ])
  t.equal((await s.ask('DELETE', path)).status, 204)
  t.equal((await s.ask('GET', path)).status, 404)
  t.equal((await s.ask('DELETE', path)).status, 404)
})

t.test('one that cannot be told all of it is told to take the snapshot', async t => {
  const s = await stage(t, { feedEntriesMax: 100, purgeItemsPerMinuteMax: 1_000 })
  await activate(s, 'a', ['a.example'])
  for (let at = 0; at < 105; at += 1) await s.ask('POST', '/v1/sites/a/purges', { kind: 'tag', items: ['x'] })
  await t.rejects(listen(t, s, 1, { after: 1 }), new Error('410'), 'older than is kept')
  await t.rejects(listen(t, s, 1, { after: 999 }), new Error('410'), 'of the future')
  await t.rejects(listen(t, s, 1, { epoch: 1 }), new Error('410'), 'of another control')
  const edge = await listen(t, s, 1)
  t.equal((await edge.ack({ position: 999 })).status, 410)
  t.equal((await edge.ack({ edge: edgeId(9) })).status, 404)
  t.equal((await edge.ack({ epoch: 1 })).status, 410)
  t.equal((await edge.ack({ position: -1 })).status, 422)
})

t.test('what is too old leaves with its receipts', async t => {
  const s = await stage(t)
  await activate(s, 'a', ['a.example'])
  const { body } = await s.ask('POST', '/v1/sites/a/purges', { kind: 'site' })
  s.clock.nowMs += 8 * 24 * 3_600_000
  await s.ask('POST', '/v1/sites/a/purges', { kind: 'site' })
  t.equal((await s.ask('GET', `/v1/purges/${body.id}`)).status, 404)
})

t.test('who may not listen any more is told nothing, and one id listens once', async t => {
  const s = await stage(t, { edgesMax: 1, heartbeatMs: 100 })
  const { body: token } = await s.ask('POST', '/v1/tokens', {
    ...{ name: 'edge', scopes: ['edges:sync'], expiresAt: '2026-11-29T12:00:10.000Z' },
  })
  const first = await listen(t, s, 1, { token: token.token })
  const second = await listen(t, s, 1, { token: token.token })
  await first.ended
  await t.rejects(listen(t, s, 2), new Error('409'), 'there are as many as there may be')
  s.clock.nowMs += 11_000
  await second.ended
  await t.rejects(listen(t, s, 1, { token: token.token, epoch: 1 }))
  const third = await listen(t, s, 1)
  await s.ask('DELETE', `/v1/tokens/${token.id}`)
  t.match(await third.line(({ type }) => type === 'beat'), { position: 0 }, 'by another token it listens on')
  await s.restart()
  await third.ended
})

t.test(
  'a clock that jumps changes no order: neither of the feed, nor of the audit, nor of the latest purge',
  async t => {
    const s = await stage(t)
    await activate(s, 'a', ['a.example'])
    const edge = await listen(t, s, 1, { after: 0 })
    const day = 24 * 3_600_000
    const ids: string[] = []
    // Back by a day, then on by two: nothing is so old that it would leave.
    for (const jumpMs of [0, -day, 2 * day]) {
      s.clock.nowMs += jumpMs
      ids.push((await s.ask('POST', '/v1/sites/a/purges', { kind: 'site' })).body.id)
    }
    await edge.line(({ id }) => id === ids[2])
    t.strictSame(
      edge.lines.filter(({ type }) => type === 'purge').map(({ id, position }) => [id, position]),
      ids.map((id, at) => [id, at + 2]),
    )
    const listed = (await s.ask('GET', '/v1/sites/a/purges')).body.items
    t.strictSame(
      listed.map(({ id }: { id: string }) => id),
      [...ids].reverse(),
    )
    t.match((await s.ask('GET', '/v1/audit/verification')).body, { sound: true })
  },
)
