import t from 'tap'
import { invalidateGroup } from '../../cache/groups.js'
import { Invalidations } from '../../cache/invalidations.js'
import { explaining } from '../support/explained.js'
import { bornAtMs } from '../support/scene.js'

const minute = ['Cache-Control', 'max-age=60', 'ETag', '"v"']
const play = 'url=http://play.example/'

t.test('explain() of what is fresh: everything, in the order in which it was decided', async t => {
  const { store, ask } = explaining(t)
  await store([...minute, 'Content-Type', 'text/plain', 'Cache-Tag', 'a, b', 'Cache-Groups', '"g"'], {
    target: '/p',
  })
  const explanation = ask(`${play}p&header=Accept:%20*/*`, 5_000)
  t.match(explanation, {
    request: { method: 'GET', url: 'http://play.example/p', fields: [['accept', '*/*']] },
    at: new Date(bornAtMs + 5_000).toISOString(),
    site: 'play',
    refusal: null,
    key: 'http play play.example/p',
    governedTarget: '/p',
    variants: null,
    verdict: 'fresh',
    freshness: { basis: 'max-age', source: 'cache-control', ttlSeconds: 55 },
    policy: { rule: 'origin' },
  })
  t.strictSame(explanation.entry, {
    storedKey: 'http play play.example/p',
    status: 200,
    askedAt: new Date(bornAtMs).toISOString(),
    askedAtMs: bornAtMs,
    storedAt: new Date(bornAtMs).toISOString(),
    storedAtMs: bornAtMs,
    bornAt: new Date(bornAtMs).toISOString(),
    bornAtMs,
    freshUntil: new Date(bornAtMs + 60_000).toISOString(),
    freshUntilMs: bornAtMs + 60_000,
    ageSeconds: 5,
    lifetimeSeconds: 60,
    ttlSeconds: 55,
    etag: '"v"',
    lastModified: null,
    flags: ['in groups (Cache-Groups)'],
    vary: [],
    groups: ['g'],
    tags: ['a', 'b'],
    bodyBytes: 4,
    received: [
      ['Cache-Control', 'max-age=60'],
      ['ETag', '"v"'],
      ['Content-Type', 'text/plain'],
      ['Cache-Tag', 'a, b'],
      ['Cache-Groups', '"g"'],
    ],
  })
  t.strictSame(explanation.why, [
    'The site play answers for the host play.example.',
    'A 200 of 4 bytes is stored, since 1970-01-01T00:16:40.000Z.',
    'Its lifetime: max-age=60 of Cache-Control, minus 5 s in the cache: fresh for 55 s more.',
    'It is in groups (Cache-Groups).',
    'It is fresh: it is served without asking the origin.',
  ])
})

t.test('explain() gives the verdict of the path and its last reason', async t => {
  type Case = [name: string, fields: string[] | undefined, query: string, verdict: string, reason: RegExp]
  const swr = ['Cache-Control', 'max-age=10, stale-while-revalidate=60']
  const cases: Case[] = [
    [
      'nothing stored',
      undefined,
      '',
      'absent',
      /^The origin is asked for the whole, which is stored if it may be\.$/,
    ],
    ['method', minute, '&method=POST', 'pass', /a Content-Location that is this URL\.$/],
    ['RFC 5861 3', swr, '', 'stale', /^It is served at once, and asked for anew behind the answer\.$/],
    [
      'RFC 9111 4.3 with a validator',
      ['Cache-Control', 'max-age=1', 'ETag', '"v"'],
      '',
      'expired',
      /cannot be reached\? Yes/,
    ],
    [
      'RFC 9111 5.2.2.4',
      ['Cache-Control', 'max-age=60, no-cache', 'ETag', '"v"'],
      '',
      'expired',
      /cannot be reached\? No: no-cache forbids it\.$/,
    ],
    [
      'RFC 9111 5.2.1.7',
      undefined,
      '&header=Cache-Control:%20only-if-cached',
      'absent',
      /^But the origin is not asked: the client gets 504 only-if-cached\. /,
    ],
    [
      'RFC 8586',
      undefined,
      `&header=CDN-Loop:%20${'naij,'.repeat(9)}naij`,
      'absent',
      /the client gets 508 loop\. /,
    ],
    ['range of nothing', undefined, '&header=Range:%20bytes=0-1', 'pass', /nothing of its answer is stored/],
  ]
  for (const [name, fields, query, verdict, reason] of cases) {
    const { store, ask } = explaining(t)
    if (fields !== undefined) await store(fields)
    const explanation = ask(play + query, 20_000)
    t.equal(explanation.verdict, verdict, name)
    t.match(explanation.why.at(-1), reason, name)
  }
})

t.test('explain() names what forbids to use it unasked', async t => {
  const { store, ask } = explaining(t)
  await store(['Cache-Control', 'max-age=60, no-cache, must-revalidate', 'ETag', '"v"'])
  t.strictSame(ask(play).entry?.flags, [
    'always validated (no-cache)',
    'never used stale (must-revalidate, proxy-revalidate or s-maxage)',
  ])
})

t.test('explain() tells what the conditions of the client come to (RFC 9110 13.2.2)', async t => {
  const { store, ask } = explaining(t)
  await store(minute)
  const cases: [header: string, status: string][] = [
    ['If-None-Match:%20%22v%22', '304'],
    ['If-Match:%20%22w%22', '412'],
  ]
  for (const [header, status] of cases) {
    const { verdict, why } = ask(`${play}&header=${header}`)
    t.equal(verdict, 'fresh')
    t.equal(
      why.at(-1),
      `The condition that the client sets is answered: it gets ${status}, without the body.`,
    )
  }
  t.match(ask(`${play}&header=If-None-Match:%20%22w%22`).why.at(-1), /^It is fresh/)
})

t.test('explain() says how the origin is asked (RFC 9111 4.3.1)', async t => {
  const { store, ask } = explaining(t)
  await store(['Cache-Control', 'max-age=1'], { target: '/none' })
  await store(['Cache-Control', 'max-age=1', 'ETag', '"v"'], { target: '/tag' })
  t.ok(
    ask(`${play}none`, 9_000).why.includes('The origin is asked unconditionally, since it has no validator.'),
  )
  t.ok(ask(`${play}tag`, 9_000).why.includes('The origin is asked whether it has changed (If-None-Match).'))
})

t.test('explain() heeds what clients demand where the site honours it (RFC 9111 5.2.1)', async t => {
  const { store, ask } = explaining(t, { cache: { honourClientDirectives: true } })
  await store(minute)
  const no = ask(`${play}&header=Cache-Control:%20no-cache`, 1_000)
  t.equal(no.verdict, 'expired')
  t.ok(no.why.some(fact => fact.startsWith('The client does not take it as it is')))
  const bypass = ask(`${play}&header=Cache-Control:%20no-store`)
  t.equal(bypass.verdict, 'pass')
  t.equal(bypass.why.at(-2), 'The client says no-store, and the site honours what clients say.')
  const accepted = ask(`${play}&header=Cache-Control:%20max-stale=100`, 70_000)
  t.equal(accepted.verdict, 'stale')
  t.equal(
    accepted.why.at(-2),
    'The client takes it this stale (max-stale), and the site honours what clients say.',
  )
  const confirmed = ask(`${play}&method=HEAD&header=Cache-Control:%20no-cache`)
  t.equal(
    confirmed.why.at(-2),
    'The client does not take what is stored as it is, and HEAD leads no fetch that is stored.',
  )
  const { store: storeDefault, ask: askDefault } = explaining(t)
  await storeDefault(minute)
  t.equal(askDefault(`${play}&header=Cache-Control:%20no-cache`).verdict, 'fresh')
})

t.test('explain() says what the target became, and that a rule forces times', async t => {
  const { store, ask } = explaining(t, {
    cache: { query: { drop: ['utm_*'] }, rules: [{ path: '/a', ttlMs: '1h' }] },
  })
  await store(['Cache-Control', 'no-store'], { target: '/a?b=1' })
  const explanation = ask('url=http://play.example/x/../%2561?utm_x=1%26b=1', 1_000)
  t.match(explanation, {
    verdict: 'fresh',
    governedTarget: '/a?b=1',
    key: 'http play play.example/a?b=1',
    policy: { rule: 'rules[0]', ttlSeconds: 3_600 },
  })
  t.strictSame(explanation.why.slice(1, 2), [
    'The target /x/../%61?utm_x=1&b=1 is keyed, and asked of the origin, as /a?b=1.',
  ])
  t.ok(explanation.why.includes('The site forces times on it: rules[0].'))
})

t.test('explain() says that the rules have changed since it was stored', async t => {
  const { edge, store, ask } = explaining(t)
  await store(minute)
  const changed = explaining(t, { cache: { rules: [{ ttlMs: '1h' }] } })
  edge.router = changed.edge.router
  const explanation = ask(play, 1_000)
  t.match(explanation.freshness, { agrees: false })
  t.ok(explanation.why.some(fact => fact.startsWith('The rules of the site or its settings have changed')))
})

t.test('explain() says what was invalidated since it was stored (RFC 9111 4.4, RFC 9875)', async t => {
  const { edge, store, ask } = explaining(t)
  const invalidations = new Invalidations()
  Object.assign(edge.admission, { invalidations })
  await store(minute, { target: '/gone' })
  await store([...minute, 'Cache-Groups', '"g"'], { target: '/member' })
  const at = bornAtMs + 1_000
  invalidations.note('http play play.example/gone', at)
  invalidateGroup(edge.admission, 'http play play.example', 'g', at)
  const gone = ask(`${play}gone`, 2_000)
  t.equal(gone.verdict, 'absent')
  t.ok(gone.why.includes('What was stored for it was invalidated, and is on its way out of the store.'))
  const member = ask(`${play}member`, 2_000)
  t.equal(member.verdict, 'expired')
  t.ok(member.why.includes('One of its groups was invalidated since: it has to be validated.'))
})

t.test('explain() changes nothing', async t => {
  const { edge, store, ask } = explaining(t)
  await store(['Cache-Control', 'max-age=1, stale-while-revalidate=60'])
  const before = { counters: structuredClone(edge.counters), status: edge.store.status() }
  for (let i = 0; i < 3; i += 1) {
    t.equal(ask(play, 5_000).verdict, 'stale')
    t.equal(ask(`${play}absent`, 5_000).verdict, 'absent')
  }
  t.strictSame({ counters: edge.counters, status: edge.store.status() }, before)
  t.ok(edge.refreshes.begin('http play play.example/', bornAtMs + 5_000), 'no refresh was begun')
})
