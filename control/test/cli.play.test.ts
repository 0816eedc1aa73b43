// naijctl against a real control: every verb, for people and for programs, and what it says when something is wrong.
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { usageFields } from '../../config/usage-fields.js'
import { naijctl } from './support/cli.js'
import { listen } from './support/feed.js'
import { stage } from './support/stage.js'

const config = { hosts: ['shop.example'], origins: ['http://127.0.0.1:9000'] }

t.test('a site from its first version to its removal', async t => {
  const s = await stage(t)
  const run = (...words: string[]) => naijctl(s, ...words)
  const file = `${t.testdir({ 'shop.json': JSON.stringify(config) })}/shop.json`
  t.match(await run('sites', 'list'), { code: 0, out: 'nothing\n' })
  t.match(await run('sites', 'create', 'shop', file), { code: 0, out: 'site shop: version 1 is a draft\n' })
  t.match(await run('versions', 'validate', 'shop', '1'), { code: 0, out: 'version 1 of shop is sound\n' })
  t.match(await run('activate', 'shop', '1', '-m', 'first'), {
    code: 0,
    out: 'version 1 of shop is active, revision 1\n',
  })
  t.match((await run('sites', 'list')).out, /^SITE {2}ACTIVE {2}VERSIONS {2}CREATED\nshop {2}1 {7}1 {9}2026-/)
  writeFileSync(file, JSON.stringify({ ...config, hosts: ['www.shop.example'] }))
  t.match(await run('versions', 'draft', 'shop'), { out: 'version 2 of shop is a draft\n' })
  t.match(await run('versions', 'put', 'shop', '2', file), { code: 0 })
  t.match((await run('diff', 'shop', '2')).out, /\/hosts +\["shop\.example"\] +\["www\.shop\.example"\]/)
  t.match((await run('diff', 'shop', '2', '1', '--json')).json(), [{ pointer: '/hosts' }])
  t.equal((await run('activate', 'shop', '2', '-m', 'www')).code, 0)
  t.match((await run('versions', 'list', 'shop')).out, /1 +past .*first\n2 +active .*www\n/)
  t.match((await run('versions', 'show', 'shop', '1')).out, /state +past[\s\S]*"hosts": \[\n/)
  t.match(await run('rollback', 'shop'), { code: 0, out: 'version 1 of shop is active, revision 3\n' })
  t.match((await run('sites', 'show', 'shop', '--json')).json(), {
    name: 'shop',
    activeVersion: 1,
    lastVersion: 2,
  })
  t.match(await run('apply', 'shop', file, '-m', 'again'), {
    code: 0,
    out: 'version 3 of shop is active, revision 4\n',
  })
  writeFileSync(file, JSON.stringify({ ...config, hosts: ['other.example'] }))
  t.match(await run('apply', 'other', file, '-m', 'new'), {
    code: 0,
    out: 'version 1 of other is active, revision 5\n',
  })
  writeFileSync(file, JSON.stringify({ hots: [] }))
  t.equal((await run('versions', 'draft', 'shop', '--from', '1')).code, 0)
  await run('versions', 'put', 'shop', '4', file)
  const bad = await run('versions', 'validate', 'shop', '4')
  t.equal(bad.code, 3)
  t.match(bad.out, /\/config\/hots +is not a setting, expected "hosts"/)
  const refused = await run('activate', 'shop', '4', '-m', 'bad')
  t.equal(refused.code, 3)
  t.match(refused.err, /^naijctl: Not right \(422\): .*\n( {2}\/config.*\n)+/)
  t.match(await run('sites', 'remove', 'other'), { code: 0, out: 'site other is removed\n' })
  t.equal((await run('audit', 'verify')).code, 0)
  t.match((await run('audit')).out, /sites:remove +sites\/other +done +5 > 6\n/)
})

t.test('edges, purges, usage, quotas, tokens', async t => {
  const s = await stage(t)
  const run = (...words: string[]) => naijctl(s, ...words)
  const file = `${t.testdir({ 'shop.json': JSON.stringify(config) })}/shop.json`
  await run('apply', 'shop', file, '-m', 'first')
  const edge = await listen(t, s, 1)
  const waiting = run('activate', 'shop', '1', '-m', 'again', '--wait', '20')
  t.equal((await waiting).code, 3, 'it is active already')
  await run('versions', 'draft', 'shop')
  const rolled = run('activate', 'shop', '2', '-m', 'second', '--wait', '20')
  await edge.line(({ type }) => type === 'site')
  await edge.ack({ position: 2, revision: 2 })
  t.match(await rolled, { code: 0, err: /1 of 1 edges serve it/ })
  t.equal((await run('rollback', 'shop', '--wait', '0')).code, 4, 'not in time')
  await edge.ack({ position: 3, revision: 2, refused: { revision: 3, reasons: ['no such file'] } })
  t.match((await run('edges', 'list')).out, /^edge1 +0000.* up +2 of 3 +0 +- .*no such file\n/m)
  t.match((await run('edges', 'show', edge.id)).out, /^name +edge1$/m)

  const purging = run('purge', 'shop', '--tag', 'a', 'b', '--wait', '20')
  const { position } = await edge.line(({ type }) => type === 'purge')
  await edge.ack({
    position,
    receipts: [{ sequence: position, state: 'applied', localSequence: 1, reasons: [] }],
  })
  const purged = await purging
  t.match(purged, { code: 0, out: /^purge [0-9a-f-]+: applied\nEDGE {3}STATE {4}AT/ })
  t.match((await run('purges', 'list', 'shop')).out, /tag +applied +1 of 1 +a b\n/)
  t.match(await run('purges', 'show', purged.out.slice(6, 42)), { code: 0, out: /applied/ })
  t.equal((await run('purge', 'shop', '--all', '--wait', '0')).code, 4)
  t.equal((await run('purge-everything', '--soft', '--wait', '0', '--json')).json().kind, 'all')
  const counting = run('purge', 'shop', '--url', 'http://shop.example/', '--dry-run')
  const { id } = await edge.line(({ type }) => type === 'count')
  await edge.ack({ position, counts: [{ id, entries: 7, scanned: 9, complete: true, reasons: [] }] })
  t.match((await counting).out, /0000.* 7 +true +-\n/)
  t.match(await run('purge', 'shop'), { code: 1, err: /one of --url, --prefix, --tag, --all/ })

  const totals = usageFields.map(name =>
    name === 'bytesOut' ? 3 * 2 ** 20 : name === 'hit' ? 1 : name === 'requests' ? 4 : 0,
  )
  const rows = [{ site: 'shop', hour: Math.floor(s.clock.nowMs / 3_600_000), totals }]
  await s.ask('POST', '/v1/edge/usage', {
    edge: edge.id,
    file: '00000000-0000-4000-8000-000000000000',
    rows,
    final: false,
  })
  t.match((await run('usage')).out, /shop +2026-11-29T12:00Z +4 +25\.0% +3\.0 MiB/)
  t.match((await run('usage', '--csv', '--site', 'shop')).out, /^site,from,.*\r\nshop,2026/)
  t.match((await run('quota', 'set', 'shop', '--requests-hard', '10')).out, /used +\{"requests":4/)
  t.match((await run('quota', 'set', 'shop', '--bytes-soft', '1', '--json')).json(), { state: 'soft' })
  t.equal((await run('quota', 'show', 'shop')).code, 0)
  t.match(await run('quota', 'remove', 'shop'), { code: 0, out: 'shop has no quota\n' })

  const made = (
    await run('tokens', 'create', 'ci', '--scope', 'sites:read', '--site', 'shop', '--json')
  ).json()
  t.match(made.token, /^nce_/)
  t.match((await run('tokens', 'list')).out, /ci +sites:read +shop +-\n/)
  t.equal((await naijctl({ url: s.url, token: made.token }, 'tokens', 'list')).code, 3)
  t.equal((await run('tokens', 'remove', made.id)).code, 0)
  t.match(await run('tokens', 'create', 'x', '--scope', 'everything'), { code: 3, err: /\/scopes\/0/ })
  edge.leave()
  t.equal((await run('edges', 'forget', edge.id)).code, 0)
})

t.test('what happens, line by line, until control ends it', async t => {
  const s = await stage(t)
  const run = (...words: string[]) => naijctl(s, ...words)
  const file = `${t.testdir({ 'shop.json': JSON.stringify(config) })}/shop.json`
  await run('apply', 'shop', file, '-m', 'first')
  const edge = await listen(t, s, 1)
  const filters = [
    '--site',
    'shop',
    '--status',
    '5xx',
    '--cache-status',
    'miss',
    '--path',
    '/a',
    '--sample',
    '50',
  ]
  const watching = [
    run('events', '--after', '0'),
    run('events', '--after', '0', '--json'),
    run('tail', ...filters),
    run('tail', '--json'),
  ]
  const { tails } = await edge.line(({ type, tails: now }) => type === 'tails' && now.length === 2)
  const [filtered] = tails.filter(({ sites }: { sites: unknown }) => sites !== null)
  t.match(filtered, { sites: ['shop'], status: '5xx', cacheStatus: 'miss', path: '/a', samplePercent: 50 })
  const line = {
    ...{
      tails: tails.map(({ id }: { id: string }) => id),
      at: '2026-11-29T12:00:00.000Z',
      site: 'shop',
      host: 'shop.example',
    },
    ...{ target: '/a', method: 'GET', status: 503, cacheStatus: 'miss', bytesOut: 10, durationMs: 1.5 },
  }
  await s.ask('POST', '/v1/edge/tail', { edge: edge.id, lines: [line], dropped: 4 })
  await s.restart()
  const [events, asJson, tail, tailJson] = await Promise.all(watching)
  t.match(events, { code: 0, out: /^2026-11-29T12:00:00\.000Z version\.activated shop \{"version":1/ })
  t.match(JSON.parse(asJson!.out.split('\n')[0]!), { type: 'version.activated', site: 'shop' })
  t.match(tail!.out, /^2026-11-29T12:00:00\.000Z edge1 shop 503 miss GET shop\.example\/a 10 B 1\.5 ms\n$/)
  t.match(tail!.err, /^dropped: \{"edge":"edge1","count":4\}\n$/)
  t.match(JSON.parse(tailJson!.out.split('\n')[0]!), { edge: 'edge1', target: '/a' })
  t.match(await run('tail', '--status', '999'), { code: 3, err: /^naijctl: Bad request \(400\)/ })
})

t.test('what is wrong is said in a line, with a code of its own', async t => {
  const s = await stage(t)
  const run = (...words: string[]) => naijctl(s, ...words)
  t.match(await run('sites', 'show', 'none'), {
    code: 3,
    err: 'naijctl: Not found (404): There is no site none.\n',
  })
  t.match(await run('sites', 'create', 'a', '/absent.json'), { code: 1, err: /\/absent\.json: ENOENT/ })
  const file = `${t.testdir({ 'bad.json': '{' })}/bad.json`
  t.match(await run('sites', 'create', 'a', file), { code: 1, err: /not JSON/ })
  t.match(await run('versions', 'show', 'a', 'x'), { code: 1, err: /x is no version/ })
  t.match(await run('dance'), { code: 1, err: /unknown command 'dance'/ })
  t.match(await run('--help'), { code: 0, out: /Exit codes: 0 done/ })
  t.match(await run('--version'), { code: 0, out: '1.2.3\n' })
  t.match(await naijctl({ url: 'http://127.0.0.1:1', token: 'x' }, 'sites', 'list'), {
    code: 2,
    err: /does not answer/,
  })
  t.match(await run('--token-file', '/absent', 'sites', 'list'), {
    code: 1,
    err: /a token: say --token-file/,
  })
  for (const shell of ['bash', 'zsh', 'fish'])
    t.match(await run('completion', shell), { code: 0, out: /purge-everything/ })
  t.match(await run('completion', 'tcsh'), { code: 1, err: /none of bash, zsh, fish/ })
  t.match(await run('rollback', 'none'), { code: 3 })
})
