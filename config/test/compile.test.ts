import t from 'tap'
import { compile, type Matches, sourceOf } from '../compile.js'
import { derive, fill } from '../fill.js'
import type { Setting } from '../leaf.js'
import { matches } from '../matches.js'
import { edgeSettings } from '../settings.js'
import { smallest } from './support.js'

const site = { hosts: ['*'], origins: ['http://127.0.0.1'] }

/** What is put beside the smallest config, and how many errors are found. */
const cases: readonly (readonly [Record<string, unknown>, number])[] = [
  [{}, 0],
  [{ workers: 0, loopMax: 1.5, drainTimeoutMs: '2h' }, 7],
  [{ listen: [{ prot: 1 }, { port: 70_000 }], log: null, run: [] }, 6],
  [{ cach: {}, cache: { bytesMax: '1KiB', directory: '' }, cdnId: '(' }, 7],
  [{ sites: [{ ...site, hosts: ['a..b'], origins: ['htp://127.0.0.1'] }] }, 3],
  [{ sites: [{ ...site, cache: { query: { keep: [] } } }] }, 1],
  [{ sites: [{ ...site, cache: { query: { drop: ['utm_*'] } } }] }, 0],
]

/** As the bundled programs have it. */
async function moduleOf(table: Setting): Promise<Matches> {
  const source = sourceOf(table).replaceAll(
    / from '\.\/(.+?)'/g,
    (_, path) => ` from '${new URL(`../${path}`, import.meta.url)}'`,
  )
  const { matches } = await import(`data:text/javascript,${encodeURIComponent(source)}`)
  return matches
}

function errorsOf(matches: Matches, value: unknown) {
  if (matches(value)) return []
  return matches.errors?.map(({ keyword, instancePath, params }) => ({ keyword, instancePath, params }))
}

t.test('the module finds what the table compiled at once finds', async t => {
  const asModule = await moduleOf(edgeSettings)
  for (const [value, count] of cases) {
    const filled = derive(fill(edgeSettings, { ...smallest, ...value }))
    const found = errorsOf(matches, filled)
    t.equal(found?.length, count, JSON.stringify(found))
    t.strictSame(errorsOf(asModule, filled), found)
  }
})

t.test('a table of another kind', async t => {
  const table = { type: 'object', properties: { port: { type: 'integer', maximum: 9 } } } as const
  for (const matches of [compile(table), await moduleOf(table)]) {
    t.strictSame(errorsOf(matches, { port: 9 }), [])
    t.match(errorsOf(matches, { port: 10 }), [{ keyword: 'maximum', instancePath: '/port' }])
  }
})
