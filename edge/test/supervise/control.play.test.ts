// Control, and two edges with two workers each that it leads, as processes: what is activated is served, what is purged is
// gone, whoever was away.
import t, { type Test } from 'tap'
import { runDirectoryOf } from '../shared/support/ground.js'
import { get } from '../support/client.js'
import { controlOf, ledEdge } from '../support/control.js'
import { startOrigin } from '../support/origin.js'
import { cacheStatus } from '../support/play.js'
import type { Edge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

async function stage(t: Test, limits: Record<string, unknown> = {}) {
  const content = { version: 1 }
  const origin = await startOrigin(t, ({ url }, response) => {
    const fields = { 'cache-control': 'max-age=600', 'cache-tag': 'all, page', etag: `"${content.version}"` }
    response.writeHead(200, fields).end(`${url} ${content.version}`)
  })
  const control = await controlOf(t, limits)
  const homes = { a: runDirectoryOf(t), b: runDirectoryOf(t) }
  const lead = (name: 'a' | 'b', more = {}) => ledEdge(t, control, { name, home: homes[name], more })
  return { content, origin, control, lead, site: { hosts: ['*'], origins: [origin.url] } }
}

/** The key has the host, and each edge its own port. */
const ask = async (edge: Edge, target: string) =>
  get(Number(new URL(await edge.url()).port), target, { headers: { host: 'shop.example' } })
const bodyOf = async (edge: Edge, target: string) => (await ask(edge, target)).body.toString()

/** Stored, so that the next one is a hit. */
async function stored(edge: Edge, target: string): Promise<void> {
  await until(async () => (/hit/.test(cacheStatus(await ask(edge, target))) ? true : undefined))
}

async function ended(edge: Edge, signal: NodeJS.Signals) {
  edge.child.kill(signal)
  return edge.ended
}

t.test('edges serve what is activated, refuse what they cannot serve, and obey purges', async t => {
  const { content, control, lead, site } = await stage(t)
  const edges = [lead('a'), lead('b')] as const

  await t.test('without any sites an edge starts, and serves none', async t => {
    for (const edge of edges) {
      t.match(await edge.ready(), /^naij-edge ready/)
      t.equal(
        edge.stdout.findIndex(line => line.startsWith('naij-edge ready')),
        0,
      )
      t.equal((await ask(edge, '/')).status, 421)
    }
  })

  await t.test('what is activated both serve', async t => {
    const startMs = performance.now()
    t.match(await control.activate('shop', site), { status: 200, body: { revision: 1 } })
    for (const edge of edges)
      await until(async () => ((await bodyOf(edge, '/')) === '/ 1' ? true : undefined))
    t.comment(`served by both ${Math.round(performance.now() - startMs)} ms later`)
    for (const name of ['a', 'b']) {
      const edge = await until(async () => {
        const seen = await control.edge(name)
        return seen.revision === 1 && seen.health !== null ? seen : undefined
      })
      t.match(edge, {
        state: 'up',
        drift: false,
        behind: 0,
        refused: null,
        health: { ready: true, workers: 2 },
      })
    }
    t.match((await edges[0].status()).control, { state: 'connected', revision: 1, purgeUnknown: false })
    t.match((await edges[0].admin('/metrics')).body, /naij_control_connected 1\n/)
  })

  await t.test('a purge is done by both when it says so', async t => {
    for (const edge of edges) await stored(edge, '/page')
    content.version = 2
    const counted = await control.ask('POST', '/sites/shop/purges', {
      kind: 'tag',
      items: ['page'],
      dryRun: true,
    })
    t.match(counted.body, { asked: 2, complete: true })
    t.ok(counted.body.edges.every(({ entries }: { entries: number }) => entries >= 1))
    for (const edge of edges)
      t.equal(await bodyOf(edge, '/page'), '/page 1', 'nothing was purged by counting')
    const startMs = performance.now()
    const purged = await control.ask(
      'POST',
      '/sites/shop/purges',
      { kind: 'tag', items: ['page'] },
      { prefer: 'wait=10' },
    )
    t.comment(`purged by both ${Math.round(performance.now() - startMs)} ms later`)
    t.equal(purged.status, 202)
    t.match(purged.body, {
      state: 'applied',
      edges: { total: 2, applied: 2, pending: 0, unreachable: 0, refused: 0 },
    })
    for (const edge of edges) t.equal(await bodyOf(edge, '/page'), '/page 2')
    t.match((await control.ask('GET', `/purges/${purged.body.id}`)).body, {
      receipts: [{ state: 'applied' }, { state: 'applied' }],
    })
  })

  await t.test('what an edge cannot serve it refuses, with the reason, and goes on', async t => {
    await control.activate('shop', { ...site, originTls: { caFile: '/absent/ca.pem' } })
    const refused = await until(async () => {
      const edge = await control.edge('a')
      return edge.refused === null ? undefined : edge
    })
    t.match(refused, {
      revision: 1,
      drift: true,
      refused: { revision: 2, reasons: [/originTls\.caFile: \/absent\/ca\.pem: cannot be read/] },
    })
    t.equal(await bodyOf(edges[0], '/page'), '/page 2')
    t.match((await edges[0].admin('/metrics')).body, /naij_control_refused_revision 2\n/)
    await control.activate('shop', site)
    for (const name of ['a', 'b'])
      await until(async () => ((await control.edge(name)).revision === 3 ? true : undefined))
    t.match(await control.edge('a'), { drift: false, refused: null })
  })

  await t.test('who watches sees requests of both workers of both, and of those that come', async t => {
    const seen = await control.watch(t, '/tail?site=shop&path=/watched')
    await until(async () => {
      await Promise.all(edges.map(edge => ask(edge, '/watched')))
      return new Set(seen.lines.map(({ edge }) => edge)).size === 2 ? true : undefined
    })
    t.match(seen.lines[0], { site: 'shop', host: 'shop.example', target: '/watched', status: 200 })
  })

  await t.test('above its quota a site is not served, until it may use more', async t => {
    const quota = (hard: number | null) => ({
      requests: { soft: null, hard },
      bytesOut: { soft: null, hard: null },
    })
    await control.ask('PUT', '/sites/shop/quota', quota(0))
    for (const edge of edges)
      await until(async () => ((await ask(edge, '/page')).status === 429 ? true : undefined))
    t.match((await ask(edges[0], '/page')).headers, {
      'retry-after': '3600',
      'cache-status': /detail=over-quota/,
    })
    await control.ask('PUT', '/sites/shop/quota', quota(null), { 'if-match': '*' })
    for (const edge of edges)
      await until(async () => ((await ask(edge, '/page')).status === 200 ? true : undefined))
  })

  await t.test('the sites of control stay through a reload of the file and a new generation', async t => {
    edges[0].child.kill('SIGHUP')
    await until(async () => ((await edges[0].status()).configReloads === 5 ? true : undefined))
    edges[0].child.kill('SIGUSR2')
    await until(async () => ((await edges[0].status()).generation === 2 ? true : undefined))
    t.equal(await bodyOf(edges[0], '/page'), '/page 2')
  })

  await t.test('who lost his token hears nothing any more, and serves on', async t => {
    const [token] = (await control.ask('GET', '/tokens')).body.items.filter(
      (row: { name: string }) => row.name === 'edges',
    )
    t.equal((await control.ask('DELETE', `/tokens/${token.id}`)).status, 204)
    const why = await until(async () => (await edges[1].status()).control?.why ?? undefined)
    t.match(why, /control answers 401|control has ended the connection/)
    await until(async () => (/401/.test((await edges[1].status()).control?.why ?? '') ? true : undefined))
    t.equal(await bodyOf(edges[1], '/page'), '/page 2')
    t.match(await control.edge('b'), { state: 'down' })
  })
})

t.test('who was away hears what was purged before it serves', async t => {
  const { content, control, lead, site } = await stage(t, { feedEntriesMax: 100 })
  await control.activate('shop', site)
  const first = lead('a')
  await first.ready()
  t.equal(await bodyOf(first, '/page'), '/page 1', 'it had the sites before it was ready')
  await stored(first, '/page')

  await t.test('a purge of meanwhile', async t => {
    await ended(first, 'SIGKILL')
    content.version = 2
    const purged = await control.ask('POST', '/sites/shop/purges', {
      kind: 'url',
      items: ['http://shop.example/other', 'http://shop.example/page'],
    })
    t.match(purged.body, { state: 'partial', edges: { total: 1, unreachable: 1 } })
    await control.ask('POST', '/sites/shop/purges', { kind: 'site' })
    const second = lead('a')
    t.equal(await bodyOf(second, '/page'), '/page 2')
    await until(async () => {
      const { body } = await control.ask('GET', `/purges/${purged.body.id}`, undefined, { prefer: 'wait=10' })
      return body.state === 'applied' ? true : undefined
    })
    await stored(second, '/page')
    await ended(second, 'SIGTERM')
  })

  await t.test('more of them than are kept: nothing stored is used unvalidated', async t => {
    content.version = 3
    for (let at = 0; at < 110; at += 1)
      await control.ask('POST', '/sites/shop/purges', { kind: 'tag', items: [`t${at}`] })
    const third = lead('a')
    t.equal(await bodyOf(third, '/page'), '/page 3')
    await third.logged('purges may have been missed')
    await until(async () => ((await control.edge('a')).behind === 0 ? true : undefined))
    await stored(third, '/page')
    await ended(third, 'SIGTERM')
  })

  await t.test('control is away: the edge starts with its last good sites, and says so', async t => {
    await control.kill()
    const fourth = lead('a', { controlWaitMs: '100ms' })
    t.match(cacheStatus(await ask(fourth, '/page')), /hit/)
    t.match((await fourth.admin('/metrics')).body, /naij_purge_unknown 1\n[\s\S]*naij_control_revision 1\n/)
    t.match(await fourth.logged('the edge starts with what it was told last'), { waitedMs: 100 })
    await control.start()
    await until(async () => ((await fourth.status()).control?.purgeUnknown === false ? true : undefined))
    content.version = 4
    t.match((await control.activate('shop', { ...site, cache: { purgeUnknown: 'revalidate' } })).body, {
      revision: 2,
    })
    await until(async () => ((await control.edge('a')).revision === 2 ? true : undefined))
    t.match(cacheStatus(await ask(fourth, '/page')), /hit/)
    await ended(fourth, 'SIGTERM')
  })

  await t.test('or, of a site that wants it so, validates everything first', async t => {
    await control.kill()
    const fifth = lead('a', { controlWaitMs: '100ms' })
    t.equal(await bodyOf(fifth, '/page'), '/page 4')
  })
})

t.test('an edge that control has never told anything waits for it, and is not ready', async t => {
  const { control, lead, site } = await stage(t)
  await control.activate('shop', site)
  await control.kill()
  const edge = lead('a', { controlWaitMs: '0ms' })
  await edge.ready()
  const { status, body } = await edge.admin('/readyz')
  t.equal(status, 503)
  t.match(body, /control has not sent any sites yet/)
  t.match(await edge.logged('control is away: the edge serves what it has'), { why: /ENOENT|ECONNREFUSED/ })
  await control.start()
  await until(async () => ((await edge.admin('/readyz')).status === 200 ? true : undefined))
  t.equal(await bodyOf(edge, '/page'), '/page 1')
})
