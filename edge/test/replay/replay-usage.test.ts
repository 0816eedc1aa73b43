// What is given ahead of the engine is counted as what the path answers is: by the edge, and for control.
import { readdirSync } from 'node:fs'
import t from 'tap'
import { parseConfigValue } from '../../../config/parse.js'
import { usageFields } from '../../../config/usage-fields.js'
import { needsAddon } from '../../../native/test/support/addon.js'
import { readUsage } from '../../usage/usage-file.js'
import { onUws, type TestEdge } from '../support/edge.js'
import { settingsUnder } from '../support/supervise-config.js'
import { attackOrigin } from './support/attack-origin.js'
import { given } from './support/given.js'
import { pairOf, told, twinsOf } from './support/twins.js'

const patience = { firstMs: 2_000, quietMs: 300, limitMs: 10_000 }
const codings = ['', 'gzip, br', 'identity']
const paths = ['/plain', '/page', '/empty', '/large', '/gone', '/etag', '/wide', '/tagged']
/** The tag of some. */
const conditions = ['', 'If-None-Match: W/"1"\r\n']
const turns = 4

t.test('twins count the same', { ...needsAddon, ...onUws }, async t => {
  const { sites: _, ...settings } = settingsUnder(t.testdir())
  const link = { url: 'unix:/tmp/unused.sock', tokenFile: '/tmp/unused.token' }
  const parsed = parseConfigValue({ ...settings, control: link })
  const control = parsed.ok ? parsed.config.control : undefined
  const twins = await twinsOf(t, attackOrigin, { optimise: { upgradeAfter: 0 } }, control && { control })
  const pair = await pairOf(twins)
  const askAll = async (texts: readonly string[]): Promise<void> => {
    for (const path of paths)
      for (const coding of texts) {
        const line = coding && `Accept-Encoding: ${coding}\r\n`
        for (const condition of conditions) {
          const bytes = `GET ${path} HTTP/1.1\r\nHost: a\r\n${line}${condition}\r\n`
          t.equal(await told(pair, [bytes], true, patience), undefined)
        }
      }
    // What was stored, and made, is told of by the next time.
    await new Promise(resolve => setTimeout(resolve, 150))
  }
  await askAll([''])
  for (let turn = 0; turn < 3; turn += 1) await askAll(codings)
  // What each has brought from the origin is said in different words.
  const before = twins.edges.map(countsOf)
  for (let turn = 0; turn < turns; turn += 1) await askAll(codings)
  const [first, second] = twins.edges.map((edge, at) => differenceOf(countsOf(edge), before[at]!))
  t.strictSame(first, second)
  const asked = turns * paths.length * codings.length * conditions.length
  t.match(first, { hit: asked, 'usage a hit': asked })
  t.ok(first!['usage a status3xx']! >= turns * 2, `${first!['usage a status3xx']} of them 304`)
  t.ok(given.hits > 80, `${given.hits} given`)
  pair.end()
})

/** Everything that is counted, by name. */
function countsOf({ counters, config, serving }: TestEdge): Record<string, number> {
  const { requests, statusClasses, results, bytesOut, clientAborts } = counters()
  const directory = `${config.state.directory}/usage`
  const ids = readdirSync(directory).map(name => name.replace(/\.usage$/, ''))
  const rows = ids.flatMap(id => readUsage(directory, id) ?? [])
  const used = rows.flatMap(({ site, totals }) =>
    totals.map((total, at) => [`usage ${site} ${usageFields[at]}`, total]),
  )
  const saved = serving.savedCounts().flatMap(({ site, form, responses, bytes }) => [
    [`saved ${site} ${form}`, responses],
    [`saved bytes ${site} ${form}`, bytes],
  ])
  return {
    requests,
    ...statusClasses,
    ...results,
    bytesOut,
    clientAborts,
    ...Object.fromEntries([...used, ...saved]),
  }
}

function differenceOf(after: Record<string, number>, before: Record<string, number>) {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]))
}
