import t from 'tap'
import { type Asked, decide, demandsOf, isFresh, mayUseStored } from '../../cache/decide.js'
import { decodeEntry, EntryFlag, encodeEntry, type ResponseEntry } from '../../cache/entry.js'
import type { Found } from '../../cache/lookup.js'
import { cacheRules } from '../../cache/rules.js'
import { Mark } from '../../exchange.js'
import { clientDemands } from '../../http/client-directives.js'
import { siteConfig } from '../support/exchange.js'

function entryOf(times: {
  freshUntilMs: number
  storedAtMs?: number
  flags?: number
  received?: string[]
}): ResponseEntry {
  const record = encodeEntry({
    status: 200,
    flags: times.flags ?? 0,
    bornAtMs: 0,
    freshUntilMs: times.freshUntilMs,
    storedAtMs: times.storedAtMs ?? 0,
    askedAtMs: 0,
    groups: [],
    tags: [],
    etag: '',
    lastModified: '',
    varyNames: [],
    received: times.received ?? [],
    block: Buffer.alloc(0),
    notModifiedBytes: 0,
    content: Buffer.from('x'),
  })
  return decodeEntry(record) as ResponseEntry
}

const nowMs = 1_000
const fresh = entryOf({ freshUntilMs: 1_001 })
const stale = entryOf({ freshUntilMs: 1_000 })
const asked = (method: string, marks = 0, hasBody = false): Asked => ({ method, marks, hasBody })

const freshness: [row: string, entry: ResponseEntry, expected: boolean][] = [
  ['RFC 9111 4.2 younger than its lifetime', fresh, true],
  ['RFC 9111 4.2 at the end of its lifetime', stale, false],
  ['RFC 9111 4.2 long after', entryOf({ freshUntilMs: -5 }), false],
  ['RFC 9111 5.2.2.4 no-cache', entryOf({ freshUntilMs: 9_000, flags: EntryFlag.alwaysValidate }), false],
  [
    'RFC 9111 5.2.2.2 must-revalidate',
    entryOf({ freshUntilMs: 9_000, flags: EntryFlag.mustRevalidate }),
    true,
  ],
  ['stored in this millisecond', entryOf({ freshUntilMs: 9_000, storedAtMs: nowMs }), true],
  [
    'stored in the future: the clock was set back',
    entryOf({ freshUntilMs: 9_000, storedAtMs: 1_001 }),
    false,
  ],
]
for (const [row, entry, expected] of freshness) {
  t.test(`isFresh() ${row}`, async t => t.equal(isFresh(entry, nowMs), expected))
}

const verdicts: [row: string, found: Found, asked: Asked, expected: { kind: string; reason?: string }][] = [
  ['RFC 9111 4 a fresh response', fresh, asked('GET'), { kind: 'fresh' }],
  ['RFC 9110 9.3.2 HEAD from a stored GET', fresh, asked('HEAD'), { kind: 'fresh' }],
  ['RFC 9110 14.2 Range may be ignored on a hit', fresh, asked('GET', Mark.range), { kind: 'fresh' }],
  ['RFC 9110 13.2 If-Match on a hit', fresh, asked('GET', Mark.precondition), { kind: 'fresh' }],
  ['RFC 9111 4.3 a stale response', stale, asked('GET'), { kind: 'expired', reason: 'stale' }],
  ['HEAD never leads', stale, asked('HEAD'), { kind: 'pass', reason: 'stale' }],
  ['nothing stored', 'uri-miss', asked('GET'), { kind: 'absent', reason: 'uri-miss' }],
  ['RFC 9111 4.1 another variant', 'vary-miss', asked('GET'), { kind: 'absent', reason: 'vary-miss' }],
  [
    'a condition of a cache asks for the whole',
    'uri-miss',
    asked('GET', Mark.conditional),
    { kind: 'absent' },
  ],
  ['HEAD on a miss', 'uri-miss', asked('HEAD'), { kind: 'pass', reason: 'uri-miss' }],
  [
    'RFC 9111 3.3 a part is no whole',
    'uri-miss',
    asked('GET', Mark.range),
    { kind: 'pass', reason: 'uri-miss' },
  ],
  [
    'RFC 9110 13.1.1 If-Match',
    'vary-miss',
    asked('GET', Mark.precondition),
    { kind: 'pass', reason: 'vary-miss' },
  ],
  ['RFC 9111 4 another method', fresh, asked('POST', 0, true), { kind: 'pass', reason: 'method' }],
  ['an unknown method without body', fresh, asked('PURGE'), { kind: 'pass', reason: 'method' }],
  ['RFC 9110 9.3.1 GET with a body', fresh, asked('GET', 0, true), { kind: 'pass', reason: 'request' }],
  ['HEAD with a body', fresh, asked('HEAD', 0, true), { kind: 'pass', reason: 'request' }],
]
for (const [row, found, request, expected] of verdicts) {
  t.test(`decide() ${row}`, async t => {
    const verdict = decide(found, request, nowMs)
    t.match(verdict, expected)
    if (verdict.kind === 'fresh' || verdict.kind === 'expired') t.equal(verdict.entry, found)
  })
}

t.test('mayUseStored() is for GET and HEAD without a body', async t => {
  for (const method of ['GET', 'HEAD', 'POST', 'get', 'OPTIONS']) {
    t.equal(mayUseStored(asked(method)), method === 'GET' || method === 'HEAD', method)
    t.equal(mayUseStored(asked(method, 0, true)), false, `${method} with a body`)
  }
})

const swr = ['Cache-Control', 'max-age=1, stale-while-revalidate=60']
const at = (freshUntilMs: number, more: { flags?: number; received?: string[] } = {}) =>
  entryOf({ freshUntilMs, ...more })

type Row = [row: string, fields: string, found: Found, expected: { kind: string; reason?: string }]

/** At 10 s, of what was born at 0. */
const demanded: Row[] = [
  ['5.2.1 nothing that concerns it', 'cache-control: no-transform', at(20_000), { kind: 'fresh' }],
  ['5.2.1.1 young enough', 'cache-control: max-age=10', at(20_000), { kind: 'fresh' }],
  ['5.2.1.1 too old', 'cache-control: max-age=9', at(20_000), { kind: 'expired', reason: 'request' }],
  ['5.2.1.1 reload', 'cache-control: max-age=0', at(20_000), { kind: 'expired', reason: 'request' }],
  ['5.2.1.2 as stale as accepted', 'cache-control: max-stale=5', at(5_000), { kind: 'stale' }],
  ['5.2.1.2 staler', 'cache-control: max-stale=4', at(5_000), { kind: 'expired', reason: 'stale' }],
  [
    '5.2.2.2 must-revalidate is not lifted',
    'cache-control: max-stale',
    at(5_000, { flags: EntryFlag.mustRevalidate }),
    { kind: 'expired' },
  ],
  [
    '5.2.2.4 no-cache is not lifted',
    'cache-control: max-stale',
    at(20_000, { flags: EntryFlag.alwaysValidate }),
    { kind: 'expired', reason: 'stale' },
  ],
  ['5.2.1.3 fresh for as long', 'cache-control: min-fresh=10', at(20_000), { kind: 'fresh' }],
  ['5.2.1.3 not as long', 'cache-control: min-fresh=11', at(20_000), { kind: 'expired', reason: 'request' }],
  ['5.2.1.4 no-cache', 'cache-control: no-cache', at(20_000), { kind: 'expired', reason: 'request' }],
  ['5.2.1.5 no-store', 'cache-control: no-store', at(20_000), { kind: 'pass', reason: 'bypass' }],
  ['5.2.1.5 no-store on a miss', 'cache-control: no-store', 'uri-miss', { kind: 'pass', reason: 'bypass' }],
  ['5.2.1.4 no-cache on a miss', 'cache-control: no-cache', 'vary-miss', { kind: 'absent' }],
  ['5.4 Pragma', 'pragma: no-cache', at(20_000), { kind: 'expired', reason: 'request' }],
  ['4.2.4 stale and nothing said', 'pragma: x', at(5_000), { kind: 'expired', reason: 'stale' }],
  ['RFC 5861 3', 'cache-control: no-transform', at(5_000, { received: swr }), { kind: 'stale' }],
  [
    'RFC 5861 3 not against max-age',
    'cache-control: max-age=60',
    at(5_000, { received: swr }),
    { kind: 'expired' },
  ],
  [
    'RFC 5861 3 not past max-stale',
    'cache-control: max-stale=4',
    at(5_000, { received: swr }),
    { kind: 'expired' },
  ],
]

const honouring = cacheRules(siteConfig({ cache: { honourClientDirectives: true } }).cache)
for (const [row, field, found, expected] of demanded) {
  t.test(`decide() for a client that is honoured: RFC 9111 ${row}`, async t => {
    const demands = clientDemands(field.split(': '))
    t.match(decide(found, { ...asked('GET'), demands }, 10_000, honouring, '/'), expected)
    // Nothing is usable past its freshness without rules.
    if (expected.kind === 'stale') {
      t.match(decide(found, { ...asked('GET'), demands }, 10_000), { kind: 'expired' })
    }
  })
}

t.test(
  'decide() for a client that is honoured: HEAD leads no fetch, and the future is no freshness',
  async t => {
    const noCache = clientDemands(['cache-control', 'no-cache'])
    const verdict = decide(at(20_000), { ...asked('HEAD'), demands: noCache }, 10_000, honouring, '/')
    t.match(verdict, { kind: 'pass', reason: 'request' })
    const anyStale = clientDemands(['cache-control', 'max-stale'])
    const future = entryOf({ freshUntilMs: 20_000, storedAtMs: 10_001 })
    t.match(decide(future, { ...asked('GET'), demands: anyStale }, 10_000, honouring, '/'), {
      kind: 'expired',
      reason: 'stale',
    })
    const posted = { ...asked('POST'), demands: noCache }
    t.match(decide('uri-miss', posted, 10_000, honouring, '/'), { kind: 'pass', reason: 'method' })
  },
)

t.test('demandsOf() is nothing by default, and where no field asks for something', async t => {
  const fields = ['cache-control', 'no-cache']
  t.equal(demandsOf({ marks: Mark.cacheControl, fields }, cacheRules(siteConfig().cache)), undefined)
  t.equal(demandsOf({ marks: Mark.range, fields }, honouring), undefined)
  t.match(demandsOf({ marks: Mark.cacheControl | Mark.range, fields }, honouring), {
    cacheControl: { noCache: true },
  })
})
