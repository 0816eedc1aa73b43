import t from 'tap'
import { type Asked, decide, isFresh, mayUseStored } from '../../cache/decide.js'
import { decodeEntry, EntryFlag, encodeEntry, type ResponseEntry } from '../../cache/entry.js'
import type { Found } from '../../cache/lookup.js'
import { Mark } from '../../exchange.js'

function entryOf(times: { freshUntilMs: number; storedAtMs?: number; flags?: number }): ResponseEntry {
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
    received: [],
    block: Buffer.alloc(0),
    notModifiedBytes: 0,
    body: Buffer.from('x'),
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
  ['RFC 9111 4.3 a stale response', stale, asked('GET'), { kind: 'expired' }],
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
  ['HEAD with a body', fresh, asked('HEAD', 0, true), { kind: 'pass' }],
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
