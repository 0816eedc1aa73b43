import t from 'tap'
import { mayUseStale } from '../../cache/stale-use.js'
import { describeStale } from '../../explain/stale-view.js'
import { sumUp } from '../../explain/sums.js'
import { clientDemands } from '../../http/client-directives.js'
import { siteOf } from '../support/exchange.js'
import { entryOf, type Given } from '../support/explained.js'
import { bornAtMs } from '../support/scene.js'

/** Fresh for 10 s in all cases but where a rule says otherwise. */
function staleOf(control: string, afterMs: number, given: Given = {}, requestFields?: string[]) {
  const { rules } = siteOf(given.site)
  const entry = entryOf(['Cache-Control', control, 'ETag', '"v"'], given)
  const nowMs = bornAtMs + afterMs
  const { policy } = sumUp(entry, '/', rules, nowMs)
  const demands = requestFields && clientDemands(requestFields)
  return { entry, rules, view: describeStale({ entry, target: '/', rules, policy, demands, nowMs }) }
}

t.test('describeStale() says until when and by whose word', async t => {
  const until = new Date(bornAtMs + 40_000).toISOString()
  const { view } = staleOf('max-age=10, stale-while-revalidate=30', 15_000)
  t.strictSame(view.whileRevalidating, {
    allowed: true,
    until,
    untilMs: bornAtMs + 40_000,
    words: `yes, until ${until} (stale-while-revalidate, 30 s past its freshness)`,
  })
  t.match(view.onError, {
    allowed: false,
    until: null,
    untilMs: null,
    words: 'no: neither a stale-if-error nor a rule of the site permits it',
  })
  t.match(view.whenUnreachable, {
    allowed: true,
    words: /\(staleMaxMs of the site.*, 24 h past its freshness\)$/,
  })
  const { view: later } = staleOf('max-age=10, stale-while-revalidate=30', 40_000)
  t.match(later.whileRevalidating, { allowed: false, until, words: /^no longer, since / })
})

t.test('describeStale() names what cuts the time or gives it', async t => {
  const cut = staleOf('max-age=10, stale-if-error=900', 0, { site: { cache: { staleMaxMs: '1m' } } })
  t.match(
    cut.view.onError.words,
    /\(stale-if-error, at most staleMaxMs of the site, 60 s past its freshness\)$/,
  )
  const rules = [{ ttlMs: '10s', staleWhileRevalidateMs: '7s' }]
  const forced = staleOf('max-age=1', 0, { site: { cache: { rules } } })
  t.match(forced.view.whileRevalidating.words, /\(rules\[0\], 7 s past its freshness\)$/)
})

t.test('describeStale() says why it never may', async t => {
  const cases: [name: string, control: string, words: string, site?: Record<string, unknown>][] = [
    [
      'RFC 9111 5.2.2.2',
      'max-age=10, must-revalidate',
      'must-revalidate, proxy-revalidate or s-maxage forbids it',
    ],
    ['RFC 9111 5.2.2.10', 's-maxage=10', 'must-revalidate, proxy-revalidate or s-maxage forbids it'],
    ['RFC 9111 5.2.2.4', 'max-age=10, no-cache', 'no-cache forbids it'],
    ['the ceiling of the site', 'max-age=10', 'staleMaxMs of the site is 0', { staleMaxMs: 0 }],
  ]
  for (const [name, control, words, cache = {}] of cases) {
    const { view } = staleOf(`${control}, stale-while-revalidate=9`, 20_000, { site: { cache } })
    for (const use of Object.values(view)) t.match(use, { allowed: false, words: `no: ${words}` }, name)
  }
})

t.test('describeStale() heeds what the client demands (RFC 9111 5.2.1)', async t => {
  const { view } = staleOf('max-age=10, stale-while-revalidate=30', 15_000, {}, ['cache-control', 'no-cache'])
  t.match(view.whileRevalidating, {
    allowed: false,
    words: 'no: the client does not take it stale (Cache-Control or Pragma of the request)',
  })
})

t.test('describeStale() ends to the millisecond where the path ends', async t => {
  for (const seconds of [1, 2, 59, 86_399, 86_400, 86_401]) {
    const { view, entry, rules } = staleOf(`max-age=10, stale-while-revalidate=${seconds}`, 0)
    const untilMs = view.whileRevalidating.untilMs!
    t.equal(untilMs, entry.freshUntilMs + Math.min(seconds, 86_400) * 1_000)
    t.ok(mayUseStale(entry, 'revalidating', rules, '/', untilMs - 1))
    t.notOk(mayUseStale(entry, 'revalidating', rules, '/', untilMs))
  }
})
