// What edges say that sites have used, what is told of it, and what happens when it is too much.
import t from 'tap'
import { usageFields } from '../../config/usage-fields.js'
import { listen } from './support/feed.js'
import { type Stage, stage } from './support/stage.js'

const hour = Date.parse('2026-11-29T11:00:00Z') / 3_600_000
const file = (number: number) => `0000000${number}-0000-4000-8000-000000000000`
const totals = (requests: number, bytesOut = requests * 100) =>
  usageFields.map(name => (name === 'requests' ? requests : name === 'bytesOut' ? bytesOut : 0))

async function withEdge(s: Stage, t: Parameters<typeof stage>[0]) {
  for (const name of ['a', 'b']) {
    await s.ask('POST', '/v1/sites', {
      name,
      config: { hosts: [`${name}.example`], origins: ['http://127.0.0.1:9'] },
    })
    await s.ask('POST', `/v1/sites/${name}/versions/1:activate`, { comment: 'go' }, { 'if-match': '*' })
  }
  const edge = await listen(t, s, 1)
  const say = (at: number, rows: unknown[], final = false) =>
    s.ask('POST', '/v1/edge/usage', { edge: edge.id, file: file(at), rows, final })
  const sum = async (query = '') => (await s.ask('GET', `/v1/usage?site=a${query}`)).body.totals.requests
  return { edge, say, sum }
}

t.test('said twice it is counted once, however often control starts anew', async t => {
  const s = await stage(t)
  const { say, sum } = await withEdge(s, t)
  t.equal((await say(1, [{ site: 'a', hour, totals: totals(5) }])).status, 204)
  await say(1, [{ site: 'a', hour, totals: totals(5) }])
  await say(2, [{ site: 'a', hour, totals: totals(2) }])
  t.equal(await sum(), 7)
  await s.restart()
  await say(1, [
    { site: 'a', hour, totals: totals(9) },
    { site: 'a', hour: hour + 1, totals: totals(1) },
  ])
  await say(1, [{ site: 'a', hour, totals: totals(4) }])
  t.equal(await sum(), 12, 'what is less than was said before is old')
  await say(1, [], true)
  await say(1, [{ site: 'a', hour, totals: totals(9) }])
  t.equal(await sum(), 12, 'what is done is done')
})

t.test('by the hour, the day, the month; as JSON and as CSV; each token its sites', async t => {
  const s = await stage(t)
  const { say } = await withEdge(s, t)
  await say(1, [
    { site: 'a', hour: hour - 24, totals: totals(1) },
    { site: 'a', hour, totals: totals(2) },
    { site: 'a', hour: hour + 1, totals: totals(3) },
    { site: 'b', hour, totals: totals(4) },
  ])
  const ask = async (query: string) => (await s.ask('GET', `/v1/usage?${query}`)).body
  t.match((await ask('site=a')).items, [
    { site: 'a', from: '2026-11-29T11:00:00.000Z', requests: 2, bytesOut: 200 },
    { from: '2026-11-29T12:00:00.000Z', requests: 3 },
  ])
  const range = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z'
  t.match((await ask(`${range}&granularity=day`)).items, [
    { site: 'a', from: '2026-11-28T00:00:00.000Z', requests: 1 },
    { site: 'a', from: '2026-11-29T00:00:00.000Z', requests: 5 },
    { site: 'b', requests: 4 },
  ])
  t.match(await ask(`${range}&granularity=month&site=a`), {
    items: [{ from: '2026-11-01T00:00:00.000Z', requests: 6 }],
    totals: { requests: 6, bytesOut: 600 },
  })
  const csv = await fetch(`${s.url}/v1/usage?site=b&format=csv`, {
    headers: { authorization: `Bearer ${s.token}` },
  })
  t.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8')
  const [head, line] = (await csv.text()).split('\r\n')
  t.match(head, /^site,from,requests,bytesIn,bytesOut,bytesSaved,/)
  t.match(line, /^b,2026-11-29T11:00:00\.000Z,4,0,400,0,/)
  const { body: token } = await s.ask('POST', '/v1/tokens', {
    name: 'b',
    scopes: ['usage:read'],
    sites: ['b'],
  })
  const mine = await s.askAs(token.token, 'GET', '/v1/usage')
  t.match(mine.body.items, [{ site: 'b', requests: 4 }])
  t.equal(mine.body.items.length, 1)
  t.equal((await s.askAs(token.token, 'GET', '/v1/usage?site=a')).status, 403)
  t.equal((await s.ask('GET', '/v1/usage?from=2026-11-29T12:00:00Z&to=2026-11-29T12:00:00Z')).status, 400)
  t.equal((await s.ask('GET', '/v1/usage?granularity=minute')).status, 400)
})

t.test('what is said wrongly is not counted', async t => {
  const s = await stage(t)
  const { say, sum } = await withEdge(s, t)
  const good = { site: 'a', hour, totals: totals(1) }
  for (const bad of [
    { ...good, hour: -1 },
    { ...good, totals: [1] },
    { ...good, totals: totals(-1) },
    { ...good, site: 'a/b' },
  ])
    t.equal((await say(1, [good, bad])).status, 422)
  t.equal(await sum(), 0)
  const nobody = await s.ask('POST', '/v1/edge/usage', {
    edge: 'nobody-here',
    file: file(1),
    rows: [],
    final: false,
  })
  t.equal(nobody.status, 404)
})

t.test('hours leave when they are old, months stay', async t => {
  const s = await stage(t, { usageMs: '1d' })
  const { say, sum } = await withEdge(s, t)
  await say(1, [{ site: 'a', hour: hour - 30, totals: totals(1) }])
  await say(1, [{ site: 'a', hour, totals: totals(2) }])
  t.equal(await sum('&from=2026-11-01T00:00:00Z'), 2)
  await s.ask('PUT', '/v1/sites/a/quota', {
    requests: { soft: null, hard: 1_000 },
    bytesOut: { soft: null, hard: null },
  })
  t.match((await s.ask('GET', '/v1/sites/a/quota')).body, {
    state: 'under',
    month: '2026-11',
    used: { requests: 3 },
  })
})

t.test(
  'above the hard bound edges are told to serve it no more, until the month is over or it may use more',
  async t => {
    const s = await stage(t)
    const { say, edge } = await withEdge(s, t)
    const quota = { requests: { soft: 5, hard: 10 }, bytesOut: { soft: null, hard: 1e12 } }
    const made = await s.ask('PUT', '/v1/sites/a/quota', quota)
    t.match(made, { status: 200, body: { state: 'under', used: { requests: 0 } } })
    t.equal((await s.ask('PUT', '/v1/sites/a/quota', quota)).status, 428)
    await say(1, [{ site: 'a', hour, totals: totals(6) }])
    const state = async () => (await s.ask('GET', '/v1/sites/a/quota')).body.state
    t.equal(await state(), 'soft')
    const told = (isOver: boolean) =>
      edge.line(({ type, config }) => type === 'site' && Boolean(config?.overQuota) === isOver)
    await say(1, [{ site: 'a', hour, totals: totals(10) }])
    t.equal(await state(), 'hard')
    t.match(await told(true), { name: 'a', config: { overQuota: true } })
    t.match((await s.ask('GET', '/v1/edge/snapshot')).body.sites, [
      { name: 'a', overQuota: true },
      { name: 'b' },
    ])
    edge.lines.length = 0
    const etag = (await s.ask('GET', '/v1/sites/a/quota')).etag!
    await s.ask(
      'PUT',
      '/v1/sites/a/quota',
      { ...quota, requests: { soft: 5, hard: 20 } },
      { 'if-match': etag },
    )
    t.equal(await state(), 'soft')
    t.match(await told(false), { name: 'a' })
    await say(1, [{ site: 'a', hour, totals: totals(30) }])
    edge.lines.length = 0
    s.clock.nowMs = Date.parse('2026-12-01T00:00:01Z')
    await say(1, [{ site: 'a', hour: hour + 40, totals: totals(1) }])
    t.equal(await state(), 'under')
    t.match(await told(false), { name: 'a' })
    const now = (await s.ask('GET', '/v1/sites/a/quota')).etag!
    t.equal((await s.ask('DELETE', '/v1/sites/a/quota', undefined, { 'if-match': now })).status, 204)
    t.equal((await s.ask('GET', '/v1/sites/a/quota')).status, 404)
    t.equal((await s.ask('PUT', '/v1/sites/a/quota', { requests: { soft: -1, hard: null } })).status, 422)
  },
)
