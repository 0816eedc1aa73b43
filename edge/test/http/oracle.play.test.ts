// Our sums beside those of http-cache-semantics over some thousand pairs. Where both differ, the difference must be in
// the list below, and every line of the list must be met: so it says exactly where we differ, and why.
import t from 'tap'
import { directivesOf, NOW, ourSums, type Pair, pairs, type Sums, theirSums } from './oracle.js'

const PAIRS = 6000

type Sum = 'storable' | 'lifetime' | 'age' | 'fresh' | 'validators'
interface Difference {
  sum: Sum
  why: string
  explains: (pair: Pair, ours: Sums, theirs: Sums) => boolean
}

const raw = (pair: Pair) => pair.response['cache-control'] ?? ''
const isPlainDate = (text: string | undefined) => text === undefined || text.endsWith(' GMT')
const hasNumber = (pair: Pair) => /(?:max-?age)=/i.test(raw(pair))
/** More than one max-age, or one in other letters, or one that is no plain number. */
const hasOddNumber = (pair: Pair) =>
  (raw(pair).match(/max-age=/gi)?.length ?? 0) > 1 ||
  (raw(pair).match(/s-maxage=/g)?.length ?? 0) > 1 ||
  /Max-Age|-1|1\.5|60x|s-maxage=x|99999999999/.test(raw(pair))

const differences: Difference[] = [
  {
    sum: 'storable',
    why: 'RFC 9111 3: any final status may be stored with explicit freshness; it stores only those on its list',
    explains: ({ status }, ours) =>
      ours.isStorable && ![200, 203, 204, 301, 302, 307, 404, 410].includes(status),
  },
  {
    sum: 'storable',
    why: 'RFC 9111 5.2.1.5: the request of one client does not bind a cache that the site runs; a setting honours it',
    explains: ({ request }, ours) => ours.isStorable && request['cache-control'] === 'no-store',
  },
  {
    sum: 'storable',
    why: 'RFC 9111 5.2.2.3: must-understand lifts no-store for a status we know; it does not know the directive',
    explains: (pair, ours) =>
      ours.isStorable && directivesOf(pair).mustUnderstand && directivesOf(pair).noStore,
  },
  {
    sum: 'storable',
    why: 'RFC 9111 5.2.2.7: a qualified private restricts some fields; it takes it for the unqualified',
    explains: (pair, ours) => ours.isStorable && !directivesOf(pair).privateAll && /private=/.test(raw(pair)),
  },
  {
    sum: 'storable',
    why: 'RFC 9111 5.2: directives are in any case; it wants lower case',
    explains: (pair, ours) => ours.isStorable && raw(pair).includes('Max-Age'),
  },
  {
    sum: 'storable',
    why: 'HEAD brings no body to store',
    explains: ({ method }, ours) => !ours.isStorable && method === 'HEAD',
  },
  {
    sum: 'storable',
    why: 'RFC 9110 9.3.3: POST needs Content-Location besides freshness; it asks for freshness only',
    explains: ({ method }, ours) => !ours.isStorable && method === 'POST',
  },
  {
    sum: 'storable',
    why: 'RFC 9111 4.1: what varies by * is never found again; it stores it and never uses it',
    explains: ({ response }, ours) => !ours.isStorable && response.vary?.includes('*') === true,
  },
  {
    sum: 'storable',
    why: 'not of the RFC: Set-Cookie needs public or s-maxage; it stores it and takes it for stale',
    explains: ({ response }, ours) => !ours.isStorable && response['set-cookie'] !== undefined,
  },
  {
    sum: 'storable',
    why: 'RFC 9111 3.5: an s-maxage that is no number permits nothing; it counts as present',
    explains: (pair, ours) =>
      !ours.isStorable && 'authorization' in pair.request && raw(pair).includes('s-maxage=x'),
  },
  {
    sum: 'storable',
    why: 'neither fresh nor with a validator it could never be used; it stores it all the same',
    explains: ({ response }, ours, theirs) =>
      !ours.isStorable &&
      !(theirs.isFresh && ours.lifetimeMs > 0) &&
      !response.etag &&
      !response['last-modified'],
  },
  {
    sum: 'lifetime',
    why: 'no-cache is kept apart from the lifetime; it makes the lifetime 0 (also for a response Pragma, RFC 9111 5.4)',
    explains: (pair, _, theirs) =>
      theirs.lifetimeMs === 0 &&
      (directivesOf(pair).noCache || (raw(pair) === '' && 'pragma' in pair.response)),
  },
  {
    sum: 'lifetime',
    why: 'RFC 9111 5.2.2.4: a qualified no-cache restricts some fields; it takes it for the unqualified',
    explains: (pair, _, theirs) => theirs.lifetimeMs === 0 && /no-cache=/.test(raw(pair)),
  },
  {
    sum: 'lifetime',
    why: 'RFC 9111 5.2.2.8: proxy-revalidate forbids stale use, not fresh; it makes the lifetime 0',
    explains: (pair, _, theirs) => theirs.lifetimeMs === 0 && directivesOf(pair).proxyRevalidate,
  },
  {
    sum: 'lifetime',
    why: 'not of the RFC: it needs public for Set-Cookie, for us s-maxage will do',
    explains: (pair, _, theirs) => theirs.lifetimeMs === 0 && 'set-cookie' in pair.response,
  },
  {
    sum: 'lifetime',
    why: 'RFC 9111 4.2.1 and 1.2.2: the first of repeated numbers, no part of one, at most 2^31, names in any case',
    explains: pair => hasNumber(pair) && hasOddNumber(pair),
  },
  {
    sum: 'lifetime',
    why: 'RFC 9110 5.6.7: three forms of a date; it takes whatever the language can read',
    explains: ({ response }) =>
      !isPlainDate(response.date) ||
      !isPlainDate(response.expires) ||
      !isPlainDate(response['last-modified']),
  },
  {
    sum: 'lifetime',
    why: 'RFC 9111 4.2.2: no heuristic for a status not defined for it, unless public; it always has one',
    explains: (pair, ours) =>
      ours.lifetimeMs === 0 && [302, 307].includes(pair.status) && !directivesOf(pair).public,
  },
  {
    sum: 'age',
    why: 'RFC 9111 4.2.3: Date tells an age too; it looks only at Age',
    explains: ({ response }, ours, theirs) => ours.ageMs > theirs.ageMs && Date.parse(response.date) < NOW,
  },
  {
    sum: 'age',
    why: 'RFC 9111 5.1: an Age that is no plain number is ignored; it reads the number that it begins with',
    explains: ({ response }) => ['-1', '5x'].includes(response.age),
  },
  {
    sum: 'fresh',
    why: 'storable, lifetime or age differ, as explained above',
    explains: (_, ours, theirs) =>
      ours.isStorable !== theirs.isStorable ||
      Math.abs(ours.lifetimeMs - theirs.lifetimeMs) > 1 ||
      ours.ageMs !== theirs.ageMs,
  },
  {
    sum: 'validators',
    why: 'RFC 9110 13.1.3: beside If-None-Match an If-Modified-Since is ignored, so we do not send it',
    explains: (_, ours, theirs) =>
      ours.ifNoneMatch !== undefined &&
      ours.ifNoneMatch === theirs.ifNoneMatch &&
      ours.ifModifiedSince === undefined,
  },
]

/** The sums in which both sides differ. A lifetime counts in whole milliseconds, and only of what both store. */
function differing(ours: Sums, theirs: Sums): Sum[] {
  const sums: Sum[] = []
  if (ours.isStorable !== theirs.isStorable) sums.push('storable')
  if (ours.ageMs !== theirs.ageMs) sums.push('age')
  if (ours.isFresh !== theirs.isFresh) sums.push('fresh')
  if (!ours.isStorable || !theirs.isStorable) return sums
  if (Math.abs(ours.lifetimeMs - theirs.lifetimeMs) > 1) sums.push('lifetime')
  const asksAlike = ours.ifNoneMatch === theirs.ifNoneMatch && ours.ifModifiedSince === theirs.ifModifiedSince
  return asksAlike ? sums : [...sums, 'validators']
}

t.test('our sums are those of http-cache-semantics but for the differences listed', async t => {
  const met = new Map(differences.map(({ why }) => [why, 0]))
  const agreements = new Map<Sum, number>()
  for (const pair of pairs(PAIRS)) {
    const [ours, theirs] = [ourSums(pair), theirSums(pair)]
    const sums = differing(ours, theirs)
    for (const sum of ['storable', 'age', 'fresh'] as const) {
      if (!sums.includes(sum)) agreements.set(sum, (agreements.get(sum) ?? 0) + 1)
    }
    for (const sum of sums) {
      const reasons = differences.filter(one => one.sum === sum && one.explains(pair, ours, theirs))
      if (reasons.length === 0) t.fail(`${sum}: ${JSON.stringify({ pair, ours, theirs })}`)
      for (const { why } of reasons) met.set(why, (met.get(why) ?? 0) + 1)
    }
  }
  t.strictSame(
    [...met].filter(([, count]) => count === 0),
    [],
    'every difference of the list is met',
  )
  t.ok(
    [...agreements.values()].every(count => count > PAIRS / 2),
    JSON.stringify([...agreements]),
  )
})
