// Purges through the admin socket of a real edge with two workers: obeyed by both from the receipt on, whatever is under
// way, and swept out of the index afterwards.
import t, { type Test } from 'tap'
import { needsAddon } from '../shared/support/ground.js'
import { type Purging, purgingOf, slowPath } from '../support/purging.js'
import { until } from '../support/supervise-until.js'

const kinds = [
  { kind: 'url', what: (path: string) => ({ items: [`http://a${path}`] }) },
  { kind: 'prefix', what: (path: string) => ({ items: [`http://a${path.slice(0, -1)}`] }) },
  { kind: 'tag', what: (path: string) => ({ site: 'play', items: [`tag${path}`] }) },
  { kind: 'site', what: () => ({ site: 'play' }) },
  { kind: 'all', what: () => ({}) },
]

t.test('purges of a running edge', needsAddon, async t => {
  const purging = await purgingOf(t)
  await t.test('each kind is obeyed by every worker from its receipt on', t => eachKind(t, purging))
  await t.test('what is not named stays, and a variant goes with its URL', t => namedOnly(t, purging))
  await t.test('a soft one leaves what may be used stale, while it is asked for anew', t => soft(t, purging))
  await t.test('a fill under way is neither stored nor followed after it', t => duringFills(t, purging))
  await t.test('purged entries leave the index, the others stay', t => sweptOut(t, purging))
})

async function eachKind(t: Test, { askBoth, purge, content, edge }: Purging) {
  let at = 0
  for (const { kind, what } of kinds) {
    const path = `/${kind}/${++at}`
    content.fields = { 'cache-tag': `tag${path}, other` }
    await askBoth(path)
    await until(async () => ((await askBoth(path)).every(({ headers }) => isHit(headers)) ? true : undefined))
    content.version += 1
    for (const { text } of await askBoth(path)) t.equal(text, `${path} ${content.version - 1}`)
    await purge({ kind, ...what(path) })
    for (const { text } of await askBoth(path)) t.equal(text, `${path} ${content.version}`, kind)
  }
  const { length } = kinds
  await until(async () => ((await edge.status()).keeper.totals.purgesAccepted === length ? true : undefined))
}

async function namedOnly(t: Test, { ask, purge, content }: Purging) {
  content.fields = { vary: 'x-form', 'cache-tag': 'some' }
  const all = ['/dir/one', '/dir/two', '/else']
  const asked = () =>
    Promise.all(
      all
        .flatMap(path => [ask(path), ask(path, { 'x-form': 'b' }), ask(path, { host: 'b' })])
        .concat(all.map(path => ask(path, { host: 'c' }))),
    )
  await asked()
  await until(async () => ((await asked()).every(({ headers }) => isHit(headers)) ? true : undefined))
  const before = content.version++
  const fresh = async () => {
    const replies = await asked()
    return replies.map(({ text }) => Number(text.split(' ')[1]) - before)
  }
  t.ok((await fresh()).every(newer => newer === 0))
  await purge({ kind: 'url', items: ['https://A/dir/one'] })
  t.strictSame(await fresh(), [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 'both variants of one host')
  await purge({ kind: 'prefix', items: ['http://a/dir/'] })
  t.strictSame(await fresh(), [1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0])
  await purge({ kind: 'tag', site: 'other', items: ['some'] })
  t.strictSame(await fresh(), [1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1], 'a tag is that of a site')
  content.version += 1
  await purge({ kind: 'site', site: 'play' })
  t.strictSame(await fresh(), [2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1])
}

async function soft(t: Test, { ask, askBoth, purge, content, edge }: Purging) {
  content.fields = { 'cache-control': 'max-age=600, stale-while-revalidate=600', 'cache-tag': 'soft' }
  for (const { kind, what } of [kinds[0], kinds[2], kinds[3]]) {
    const path = `/soft/${kind}`
    content.fields['cache-tag'] = `tag${path}`
    await ask(path)
    await until(async () => ((await askBoth(path)).every(({ headers }) => isHit(headers)) ? true : undefined))
    const before = content.version
    content.version += 1
    await purge({ kind, soft: true, ...what(path) })
    const { text, headers } = await ask(path)
    t.equal(text, `${path} ${before}`, `${kind}: what is stale`)
    t.match(headers['cache-status'], /hit; ttl=-/)
    await until(async () => ((await ask(path)).text === `${path} ${content.version}` ? true : undefined))
    t.match((await ask(path)).headers['cache-status'], /hit; ttl=\d/)
  }
  await until(async () => ((await edge.status()).keeper.totals.purgeSweeps > 0 ? true : undefined))
}

async function duringFills(t: Test, { ask, askBoth, purge, content, slow }: Purging) {
  const rounds = Number(process.env.NAIJ_PURGE_ROUNDS ?? 10)
  let at = 0
  for (let round = 0; round < rounds; round += 1) {
    for (const { kind, what } of kinds) {
      const path = `${slowPath}${kind}/${++at}`
      const old = content.version
      content.fields = { 'cache-tag': `tag${path}` }
      const first = ask(path)
      await until(() => (slow.has(path) ? true : undefined))
      content.version += 1
      await purge({ kind, ...what(path) })
      const after = await askBoth(path)
      for (const { text } of after) t.equal(text, `${path} ${content.version}`, `${kind}: asked anew`)
      slow.get(path)!()
      t.equal((await first).text, `${path} ${old}`, 'who asked before gets what it asked for')
      for (const { text } of await askBoth(path)) t.equal(text, `${path} ${content.version}`, kind)
    }
  }
}

async function sweptOut(t: Test, { ask, purge, content, edge }: Purging) {
  await purge({ kind: 'all' })
  const entries = (count: number) =>
    until(async () => ((await edge.status()).keeper.index?.entries === count ? true : undefined))
  await entries(0)
  const { totals } = (await edge.status()).keeper
  content.fields = { 'cache-tag': 'gone' }
  await Promise.all(Array.from({ length: 40 }, (_, at) => ask(`/gone/${at}`)))
  content.fields = { 'cache-tag': 'kept' }
  await Promise.all(Array.from({ length: 10 }, (_, at) => ask(`/kept/${at}`)))
  await entries(50)
  const counted = await edge.purge({ kind: 'tag', site: 'play', items: ['gone'], dryRun: true })
  t.match(JSON.parse(counted.body), { dryRun: true, entries: 40, complete: true })
  t.equal((await edge.status()).keeper.totals.purgesAccepted, totals.purgesAccepted)
  await purge({ kind: 'tag', site: 'play', items: ['gone'] })
  await entries(10)
  await until(async () => {
    const { keeper } = await edge.status()
    return keeper.totals.purgedEntries === totals.purgedEntries + 40 ? true : undefined
  })
  const { body } = await edge.admin('/metrics')
  t.match(body, new RegExp(`^naij_purge_removed_total ${totals.purgedEntries + 40}$`, 'm'))
  t.match(body, /^naij_purge_rules [1-9]/m)
  t.match((await ask('/kept/1')).headers['cache-status'], /hit/)
}

function isHit(headers: Record<string, unknown>): boolean {
  return /; hit/.test(String(headers['cache-status']))
}
