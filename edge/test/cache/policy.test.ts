import t from 'tap'
import { formatProblems, parseConfigValue } from '../../../config/parse.js'
import {
  compilePolicy,
  type Forced,
  forced,
  heuristicLifetimeMaxMs,
  type Policy,
} from '../../cache/policy.js'
import { presetTimes } from '../../cache/presets.js'

interface Row {
  name: string
  cache?: Record<string, unknown>
  target?: string
  status?: number
  type?: string
  explicit?: boolean
  forced: Forced
}

const nothing: Forced = { why: 'origin' }
const { images, html, fingerprinted, api, fonts } = presetTimes

const rules: readonly Row[] = [
  { name: 'no rule', forced: nothing },
  { name: 'a rule for all', cache: { rules: [{ ttlMs: '1m' }] }, forced: { ttlMs: 60_000, why: 'rules[0]' } },
  {
    name: 'a rule against what the origin says',
    cache: { rules: [{ ttlMs: 0 }] },
    explicit: true,
    forced: { ttlMs: 0, why: 'rules[0]' },
  },
  {
    name: 'all three times of a rule',
    cache: { rules: [{ ttlMs: 1, staleWhileRevalidateMs: 2, staleIfErrorMs: 3 }] },
    forced: { ttlMs: 1, staleWhileRevalidateMs: 2, staleIfErrorMs: 3, why: 'rules[0]' },
  },
  {
    name: 'the first rule for each time',
    cache: { rules: [{ staleIfErrorMs: 1 }, { ttlMs: 2, staleIfErrorMs: 3 }, { ttlMs: 4 }] },
    forced: { staleIfErrorMs: 1, ttlMs: 2, why: 'rules[0], rules[1]' },
  },
  {
    name: 'a preset',
    cache: { rules: [{ preset: 'images' }] },
    forced: { ...images, why: 'rules[0] images' },
  },
  { name: 'fonts', cache: { rules: [{ preset: 'fonts' }] }, forced: { ...fonts, why: 'rules[0] fonts' } },
  {
    name: "a rule's own time before its preset's",
    cache: { rules: [{ preset: 'html', ttlMs: 7 }] },
    forced: { ...html, ttlMs: 7, why: 'rules[0] html' },
  },
  {
    name: 'never',
    cache: { rules: [{ preset: 'never' }, { ttlMs: 1 }] },
    forced: { never: true, why: 'rules[0] never' },
  },
  {
    name: 'never after a rule for the stale times only',
    cache: { rules: [{ staleIfErrorMs: 1 }, { preset: 'never' }] },
    forced: { never: true, why: 'rules[0], rules[1] never' },
  },
  {
    name: 'never after a rule for the lifetime',
    cache: { rules: [{ ttlMs: 1 }, { preset: 'never' }] },
    forced: { ttlMs: 1, why: 'rules[0]' },
  },
  {
    name: 'origin before a rule for all',
    cache: { rules: [{ preset: 'origin' }, { preset: 'api' }] },
    forced: { why: 'rules[0] origin' },
  },
  {
    name: 'origin with a time of its own',
    cache: { rules: [{ preset: 'origin', staleIfErrorMs: 5 }, { ttlMs: 1 }] },
    forced: { staleIfErrorMs: 5, why: 'rules[0] origin' },
  },
  {
    name: 'path, type and status together',
    cache: { rules: [{ path: '/a/*', type: 'image/*', status: [200, 203], ttlMs: 1 }] },
    target: '/a/b',
    type: 'Image/PNG ; q=1',
    forced: { ttlMs: 1, why: 'rules[0]' },
  },
  {
    name: 'a type where there is none',
    cache: { rules: [{ type: '*', ttlMs: 1 }] },
    type: '',
    forced: nothing,
  },
  { name: 'any type', cache: { rules: [{ type: '*', ttlMs: 1 }] }, forced: { ttlMs: 1, why: 'rules[0]' } },
  {
    name: 'another type',
    cache: { rules: [{ type: 'image/*', ttlMs: 1 }] },
    forced: nothing,
  },
  { name: 'another status', cache: { rules: [{ status: 404, ttlMs: 1 }] }, forced: nothing },
  {
    name: 'a class of statuses',
    cache: { rules: [{ status: '3xx', ttlMs: 1 }] },
    status: 307,
    forced: { ttlMs: 1, why: 'rules[0]' },
  },
]

const errors: readonly Row[] = [
  {
    name: 'RFC 9110 15.1: a general rule on 404, for negativeMaxMs and never stale',
    cache: { rules: [{ preset: 'fingerprinted' }] },
    status: 404,
    forced: { ttlMs: 10_000, why: 'rules[0] fingerprinted' },
  },
  {
    name: 'a general rule on 404 that is shorter',
    cache: { rules: [{ ttlMs: 5 }], negativeMaxMs: '1m' },
    status: 410,
    forced: { ttlMs: 5, why: 'rules[0]' },
  },
  {
    name: 'a general rule on 404 with explicit freshness: the next that names the status',
    cache: { rules: [{ ttlMs: '1h' }, { status: 404, ttlMs: '2h' }] },
    status: 404,
    explicit: true,
    forced: { ttlMs: 7_200_000, why: 'rules[1]' },
  },
  ...[400, 401, 403, 429, 500, 503].map(status => ({
    name: `RFC 9110 15.1: a general rule on ${status}, which may depend on who asks`,
    cache: { preset: 'smart', rules: [{ preset: 'html' }] },
    status,
    forced: nothing,
  })),
  {
    name: 'a general rule for the stale times only',
    cache: { rules: [{ staleIfErrorMs: 1 }] },
    status: 404,
    forced: nothing,
  },
  {
    name: 'never, general',
    cache: { rules: [{ preset: 'never' }] },
    status: 403,
    explicit: true,
    forced: { never: true, why: 'rules[0] never' },
  },
  {
    name: 'origin, general',
    cache: { rules: [{ preset: 'origin' }, { ttlMs: 1 }] },
    status: 404,
    forced: { why: 'rules[0] origin' },
  },
  {
    name: 'a rule that names the class, whatever negativeMaxMs is',
    cache: { rules: [{ status: '5xx', ttlMs: '1h', staleIfErrorMs: 1 }], negativeMaxMs: 0 },
    status: 503,
    explicit: true,
    forced: { ttlMs: 3_600_000, staleIfErrorMs: 1, why: 'rules[0]' },
  },
]

const smart: readonly Row[] = [
  { name: 'a page', forced: { ...html, why: 'smart html', isGuess: true } },
  {
    name: 'JSON',
    type: 'application/json; charset=utf-8',
    forced: { ...api, why: 'smart api', isGuess: true },
  },
  {
    name: 'a fingerprint, not in the query',
    target: '/app.3f2a1b9c.js?v=1',
    type: 'text/javascript',
    forced: { ...fingerprinted, why: 'smart fingerprinted' },
  },
  {
    name: 'a fingerprint in the query',
    target: '/app.js?v=a/x.3f2a1b9c.js',
    type: 'text/javascript',
    forced: { ...html, why: 'smart html' },
  },
  { name: 'explicit freshness (RFC 9111 4.2.2)', explicit: true, forced: nothing },
  { name: 'an unknown type', type: 'text/plain', forced: nothing },
  { name: '302', status: 302, forced: nothing },
  { name: '301', status: 301, forced: { ...html, why: 'smart html', isGuess: true } },
  { name: '404', status: 404, type: 'image/png', forced: { ttlMs: 10_000, why: 'smart images' } },
  {
    name: 'what a rule leaves open',
    cache: { rules: [{ ttlMs: 1 }] },
    forced: { ...html, ttlMs: 1, why: 'rules[0], smart html' },
  },
  { name: 'origin by a rule', cache: { rules: [{ preset: 'origin' }] }, forced: { why: 'rules[0] origin' } },
]

const groups: [name: string, rows: readonly Row[], cache: Record<string, unknown>][] = [
  ['rules', rules, {}],
  ['errors', errors, {}],
  ['smart', smart, { preset: 'smart' }],
]
for (const [group, rows, common] of groups) {
  for (const row of rows) {
    t.test(`forced() with ${group}: ${row.name}`, async t => {
      const { target = '/a', status = 200, type = 'text/html', explicit = false } = row
      const answer = { target, status, contentType: type, hasExplicitFreshness: explicit }
      t.strictSame(forced(policyOf({ ...common, ...row.cache }), answer), row.forced)
    })
  }
}

t.test('forced() takes an answer without content type', async t => {
  const answer = { target: '/', status: 200, contentType: undefined, hasExplicitFreshness: false }
  t.strictSame(forced(policyOf({ preset: 'smart', rules: [{ type: '*', ttlMs: 1 }] }), answer), nothing)
})

t.test('forced() matches the path without its query, in its normalised form (RFC 3986 6.2.2.1)', async t => {
  const cases: [path: string, target: string, ttlMs: number | undefined][] = [
    ['/a', '/a?b', 1],
    ['*.js', '/a.js?v=1', 1],
    ['*.js', '/a?b.js', undefined],
    ['/%c3%a9*', '/%C3%A9t', 1],
  ]
  for (const [path, target, ttlMs] of cases) {
    const answer = { target, status: 200, contentType: undefined, hasExplicitFreshness: true }
    t.equal(forced(policyOf({ rules: [{ path, ttlMs: 1 }] }), answer).ttlMs, ttlMs, `${path} on ${target}`)
  }
})

t.test('heuristicLifetimeMaxMs() is negativeMaxMs for errors, when that is less', async t => {
  const cases: [cache: Record<string, unknown>, status: number, maxMs: number][] = [
    [{}, 200, 86_400_000],
    [{}, 301, 86_400_000],
    [{}, 404, 10_000],
    [{}, 503, 10_000],
    [{ heuristicMaxMs: 5 }, 404, 5],
    [{ negativeMaxMs: 0 }, 404, 0],
  ]
  for (const [cache, status, maxMs] of cases) t.equal(heuristicLifetimeMaxMs(policyOf(cache), status), maxMs)
})

function policyOf(cache: Record<string, unknown>): Policy {
  const sites = [{ hosts: ['*'], origins: ['http://127.0.0.1:9'], cache }]
  const result = parseConfigValue({ listen: [{ port: 1 }], sites })
  if (!result.ok) throw new Error(formatProblems(result.problems))
  return compilePolicy(result.config.sites[0].cache)
}
