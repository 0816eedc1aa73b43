import t from 'tap'
import { decodeEntry, EntryFlag, encodeEntry, type ResponseEntry } from '../../cache/entry.js'
import { cacheRules } from '../../cache/rules.js'
import { candidateOf, mayUseStale } from '../../cache/stale-use.js'
import { clientDemands } from '../../http/client-directives.js'
import type { StaleSituation } from '../../http/stale.js'
import { siteConfig } from '../support/exchange.js'

const nowMs = 100_000

/** Stale for 5 s at `nowMs`, 100 s old. */
function staleEntry(cacheControl: string, flags = 0): ResponseEntry {
  const record = encodeEntry({
    status: 200,
    flags,
    bornAtMs: 0,
    freshUntilMs: nowMs - 5_000,
    storedAtMs: 0,
    askedAtMs: 0,
    etag: '',
    lastModified: '',
    varyNames: [],
    received: ['Cache-Control', cacheControl],
    groups: [],
    tags: [],
    block: Buffer.alloc(0),
    notModifiedBytes: 0,
    content: Buffer.alloc(0),
  })
  return decodeEntry(record) as ResponseEntry
}

function rulesOf(cache: Record<string, unknown> = {}) {
  return cacheRules(siteConfig({ cache }).cache)
}

const rows: [
  row: string,
  situation: StaleSituation,
  cacheControl: string,
  asks: string | undefined,
  expected: boolean,
][] = [
  ['RFC 5861 3', 'revalidating', 'stale-while-revalidate=6', undefined, true],
  ['RFC 5861 3 past its time', 'revalidating', 'stale-while-revalidate=5', undefined, false],
  ['RFC 5861 3 no number', 'revalidating', 'stale-while-revalidate=x', undefined, false],
  ['RFC 5861 3 the client forbids it', 'revalidating', 'stale-while-revalidate=60', 'max-age=200', false],
  ['RFC 5861 4', 'error', 'stale-if-error=6', undefined, true],
  ['RFC 5861 4 the client forbids it', 'error', 'stale-if-error=60', 'no-cache', false],
  ['RFC 9111 4.2.4 disconnected', 'disconnected', 'max-age=95', undefined, true],
  ['RFC 9111 4.2.4 the client forbids it', 'disconnected', 'max-age=95', 'max-stale=4', false],
  ['RFC 9111 5.2.1.2 accepted', 'accepted', 'max-age=95', 'max-stale=5', true],
]
for (const [row, situation, cacheControl, asks, expected] of rows) {
  t.test(`mayUseStale() ${row}`, async t => {
    const demands = asks === undefined ? undefined : clientDemands(['Cache-Control', asks])
    t.equal(mayUseStale(staleEntry(cacheControl), situation, rulesOf(), '/', nowMs, demands), expected)
  })
}

t.test(
  "mayUseStale() goes by the site's rules before the origin's word, and never past its ceiling",
  async t => {
    const forced = rulesOf({ rules: [{ path: '/a', staleWhileRevalidateMs: '1m', staleIfErrorMs: '1s' }] })
    const entry = staleEntry('stale-if-error=60')
    t.equal(mayUseStale(entry, 'revalidating', forced, '/a', nowMs), true)
    t.equal(mayUseStale(entry, 'revalidating', forced, '/b', nowMs), false)
    t.equal(mayUseStale(entry, 'error', forced, '/a', nowMs), false)
    const short = rulesOf({ staleMaxMs: '5s' })
    const anyStale = clientDemands(['Cache-Control', 'max-stale'])
    t.equal(mayUseStale(entry, 'accepted', short, '/', nowMs, anyStale), false)
  },
)

t.test('candidateOf() is never younger than born, whatever a clock did', async t => {
  t.strictSame(candidateOf(staleEntry(''), nowMs), {
    ageMs: 100_000,
    freshnessLeftMs: -5_000,
    mustRevalidate: false,
  })
  t.match(candidateOf(staleEntry('', EntryFlag.mustRevalidate), -1), { ageMs: 0, mustRevalidate: true })
})
