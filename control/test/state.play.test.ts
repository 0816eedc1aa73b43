// A backup while control runs, a restore on another machine, an export and an import: and nothing half done.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { restoreState } from '../state/backup.js'
import { claimState } from '../state/claim.js'
import { Database } from '../state/database.js'
import { naijctl } from './support/cli.js'
import { listen } from './support/feed.js'
import { stage } from './support/stage.js'

const config = (host: string) => ({ hosts: [host], origins: ['http://127.0.0.1:9000'] })

t.test('the drill: a backup, a disaster, a restore', async t => {
  const s = await stage(t)
  const directory = t.testdir({ 'a.json': JSON.stringify(config('a.example')) })
  const run = (...words: string[]) => naijctl(s, ...words)
  await run('apply', 'a', `${directory}/a.json`, '-m', 'first')
  const file = `${directory}/backup.mdb`
  t.match(await run('backup', file), { code: 0, out: /backup\.mdb: .*KiB\n/ })
  t.strictSame(
    readdirSync(s.directory).filter(name => name.startsWith('backup-')),
    [],
    'nothing stays behind',
  )
  const edge = await listen(t, s, 1)
  const { epoch } = edge.lines[0] ?? (await edge.line(() => true))
  await run('sites', 'remove', 'a')
  await run('purge-everything', '--wait', '0')

  t.match(await run('restore', file, '--state', s.directory), { code: 1, err: /another naij-control uses/ })
  const elsewhere = `${directory}/elsewhere`
  t.match(await run('restore', file, '--state', elsewhere), {
    code: 0,
    out: `${elsewhere} has 1 sites, revision 1\n`,
  })
  t.match(await run('restore', file, '--state', elsewhere), { code: 1, err: /has a state already/ })
  t.match(await run('restore', file, '--state', elsewhere, '--force'), {
    code: 0,
    out: /what was there is now .*control\.mdb\.before-\d+\n/,
  })
  writeFileSync(`${directory}/no.mdb`, 'no database')
  t.match(await run('restore', `${directory}/no.mdb`, '--state', `${directory}/third`), { code: 1 })
  writeFileSync(`${directory}/cut.mdb`, readFileSync(file).subarray(0, 20_000))
  t.match(await run('restore', `${directory}/cut.mdb`, '--state', `${directory}/third`), {
    code: 1,
    err: /20000 of \d+ bytes/,
  })
  t.strictSame(readdirSync(`${directory}/third`), [], 'nothing is left of what failed')

  const restored = await stage(t, {}, elsewhere)
  const askRestored = (path: string) => restored.askAs(s.token, 'GET', path)
  t.match((await askRestored('/v1/sites')).body.items, [{ name: 'a', activeVersion: 1 }])
  t.match((await askRestored('/v1/audit/verification')).body, { sound: true })
  await t.rejects(
    listen(t, { ...restored, url: restored.url, token: s.token } as never, 1, { after: 1, epoch }),
    new Error('410'),
    'to edges it is another one',
  )
})

t.test('sites as JSON, from one control to another, all of them or none', async t => {
  const s = await stage(t)
  const directory = t.testdir({
    'a.json': JSON.stringify(config('a.example')),
    'b.json': JSON.stringify(config('b.example')),
  })
  const run = (...words: string[]) => naijctl(s, ...words)
  for (const name of ['a', 'b']) await run('apply', name, `${directory}/${name}.json`, '-m', `first ${name}`)
  await run('versions', 'draft', 'a')
  const file = `${directory}/sites.json`
  t.match(await run('export', file), { code: 0, out: `${file}: 2 sites\n` })
  const exported = JSON.parse((await run('export', '-')).out)
  t.match(exported, {
    format: 1,
    revision: 2,
    sites: [
      { name: 'a', activeVersion: 1, versions: [{ comment: 'first a' }, { activatedAt: null }] },
      { name: 'b' },
    ],
  })
  t.match(await run('import', file), { code: 3, err: /There are already: a, b\./ })
  const other = await stage(t)
  t.match(await naijctl(other, 'import', file), { code: 0, out: '2 sites, revision 2\n' })
  t.match((await other.ask('GET', '/v1/sites/a/versions')).body.items, [
    { state: 'active', comment: 'first a' },
    { state: 'draft' },
  ])
  const third = await stage(t)
  const bad = (change: (sites: typeof exported.sites) => void) => {
    const copy = structuredClone(exported)
    change(copy.sites)
    writeFileSync(file, JSON.stringify(copy))
    return naijctl(third, 'import', file)
  }
  t.match(await bad(([, b]) => Object.assign(b.versions[0].config, { hosts: ['a.example'] })), {
    code: 3,
    err: /\/sites\/1\/config.*already/,
  })
  t.match(await bad(([a]) => Object.assign(a, { name: 'A B' })), { code: 3, err: /\/sites\/0\/name/ })
  t.match(await bad(([a]) => Object.assign(a, { activeVersion: 9 })), {
    code: 3,
    err: /\/sites\/0\/activeVersion/,
  })
  t.match(await bad(([a]) => a.versions.push(a.versions[0])), { code: 3, err: /each number once/ })
  t.match(await bad(([a]) => Object.assign(a, { owner: 1 })), { code: 3, err: /owner/ })
  writeFileSync(file, '{')
  t.match(await naijctl(third, 'import', file), { code: 1, err: /not JSON/ })
  t.strictSame((await third.ask('GET', '/v1/sites')).body.items, [], 'nothing of it')
})

t.test('an older form is brought forward, a newer one left alone; one state is one control', async t => {
  const directory = t.testdir()
  const first = new Database(directory)
  await first.commit(({ meta, tokens }) => {
    meta.removeSync('schema')
    meta.removeSync('position')
    tokens.putSync('x', {
      id: 'x',
      name: 'x',
      hash: '',
      scopes: [],
      sites: null,
      createdAt: '',
      expiresAt: null,
    })
  })
  await first.close()
  const second = new Database(directory)
  t.strictSame([second.tables.meta.get('schema'), second.tables.meta.get('position')], [2, 0])
  await second.commit(({ meta }) => meta.putSync('schema', 99))
  await second.close()
  t.throws(() => new Database(directory), { message: /form 99, this control knows up to 2/ })
  const claim = await claimState(directory)
  await t.rejects(claimState(directory), { message: /another naij-control uses/ })
  await t.rejects(restoreState('/absent', directory, { force: true, nowMs: 1 }), {
    message: /another naij-control uses/,
  })
  claim.release()
})
