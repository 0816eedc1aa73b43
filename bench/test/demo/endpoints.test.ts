import t from 'tap'
import { chooseLanguage, makeEndpoints } from '../../demo/endpoints.js'

const now = new Date('2026-03-01T12:00:00Z')

function call(path: string, endpoints = makeEndpoints(), acceptLanguage = '') {
  return endpoints.get(path)!({ acceptLanguage, now })
}

t.test('/api/time is JSON for five seconds and counts its answers', async t => {
  const endpoints = makeEndpoints()
  call('/api/time', endpoints)
  const answer = call('/api/time', endpoints)
  t.match(answer, { status: 200, type: 'application/json', cacheControl: 'public, max-age=5' })
  t.strictSame(JSON.parse(answer.body.toString()), { time: '2026-03-01T12:00:00.000Z', answers: 2 })
})

t.test('/slow takes two seconds, /private is private', async t => {
  t.match(call('/slow'), { delayMs: 2_000, cacheControl: 'public, max-age=30' })
  t.match(call('/private'), { cacheControl: 'private, max-age=60' })
})

t.test('/sometimes fails on every third request', async t => {
  const endpoints = makeEndpoints()
  const statuses = Array.from({ length: 6 }, () => call('/sometimes', endpoints).status)
  t.strictSame(statuses, [200, 200, 503, 200, 200, 503])
})

t.test('/vary greets in the language asked for', async t => {
  t.match(call('/vary', makeEndpoints(), 'yo'), {
    fields: { Vary: 'Accept-Language', 'Content-Language': 'yo' },
    body: Buffer.from('Ẹ káàsán, ẹ kú àbọ̀.\n'),
  })
  t.ok(call('/vary').modifiedAt < now)
})

t.test('chooseLanguage() takes the known one with the highest quality', async t => {
  const cases: [acceptLanguage: string, expected: string][] = [
    ['', 'en'],
    ['fr', 'fr'],
    ['FR-be', 'fr'],
    ['de, fr;q=0.5', 'fr'],
    ['en;q=0.5, fr;q=0.9', 'fr'],
    ['fr;q=0', 'en'],
    ['fr; q=x', 'en'],
    ['*', 'en'],
  ]
  for (const [acceptLanguage, expected] of cases) {
    t.equal(chooseLanguage(acceptLanguage, ['en', 'fr']), expected, acceptLanguage)
  }
})
