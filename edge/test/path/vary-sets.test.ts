// Plays: responses of one URL that differ in their Vary, and what becomes of them when one more is stored, when none may
// stay, and when the URL is invalidated (RFC 9111 4.1, 4.4).
import t from 'tap'
import { always, cacheStatus, play, until } from '../support/play.js'

const minute = { 'Cache-Control': 'max-age=60' }

t.test('each response is selected by its own Vary; of several that match the last one answers', async t => {
  let vary = 'accept-language'
  const { ask, origin } = await play(t, (request, response) =>
    always(200, { ...minute, Vary: vary }, `by ${vary}`)(request, response),
  )
  const of = (language: string, kind: string) => ({
    headers: { 'accept-language': language, 'x-kind': kind },
  })
  await ask('/a', of('de', '1'))
  vary = 'x-kind'
  t.match(cacheStatus(await ask('/a', of('fr', '1'))), /vary-miss/)
  t.match(await ask('/a', of('de', '2')), { text: 'by accept-language', headers: { 'cache-status': /hit/ } })
  t.match(await ask('/a', of('fr', '1')), { text: 'by x-kind', headers: { 'cache-status': /hit/ } })
  t.match(await ask('/a', of('de', '1')), { text: 'by x-kind', headers: { 'cache-status': /hit/ } })
  t.match(cacheStatus(await ask('/a', of('fr', '2'))), /vary-miss/)
  t.equal(origin.asked.length, 3)
})

t.test('a Vary within another leaves the other where it is', async t => {
  let vary = 'x-a, x-b'
  const { ask, origin } = await play(t, (request, response) =>
    always(200, { ...minute, Vary: vary }, `by ${vary}`)(request, response),
  )
  const of = (a: string, b: string) => ({ headers: { 'x-a': a, 'x-b': b } })
  await ask('/a', of('1', '1'))
  await ask('/a', of('1', '2'))
  vary = 'X-A'
  await ask('/a', of('2', '1'))
  for (const [a, b, text] of [
    ['1', '1', 'by x-a, x-b'],
    ['1', '2', 'by x-a, x-b'],
    ['2', '2', 'by X-A'],
  ]) {
    t.match(await ask('/a', of(a, b)), { text, headers: { 'cache-status': /hit/ } }, `${a} ${b}`)
  }
  t.match(cacheStatus(await ask('/a', of('1', '3'))), /vary-miss/)
  t.equal(origin.asked.length, 4)
})

t.test('a response without Vary is younger than all variants, and answers everybody', async t => {
  let vary: Record<string, string> = { Vary: 'x-kind' }
  const { ask, edge, origin } = await play(t, (request, response) =>
    always(200, { ...minute, ...vary }, JSON.stringify(vary))(request, response),
  )
  const of = (kind: string) => ({ headers: { 'x-kind': kind } })
  await ask('/a', of('1'))
  await ask('/a', of('2'))
  vary = {}
  await ask('/a', of('3'))
  for (const kind of ['1', '2', '3', '4']) {
    t.match(await ask('/a', of(kind)), { text: '{}', headers: { 'cache-status': /hit/ } })
  }
  t.equal(origin.asked.length, 3)
  t.equal(edge.counters().cacheEntries, 1, 'one record again')
})

t.test('what was stored before the URL varied is still there for who selects nothing younger', async t => {
  let vary: Record<string, string> = {}
  const { ask, origin } = await play(t, (request, response) => {
    const isKnown = request.headers['if-none-match'] === '"plain"' && vary.Vary === undefined
    const fields = { 'Cache-Control': 'max-age=0', ETag: `"${vary.Vary ?? 'plain'}"`, ...vary }
    return always(isKnown ? 304 : 200, fields, isKnown ? '' : JSON.stringify(vary))(request, response)
  })
  const of = (kind: string) => ({ headers: { 'x-kind': kind } })
  await ask('/a', of('1'))
  vary = { Vary: 'x-kind' }
  t.match(await ask('/a', of('2')), { text: '{"Vary":"x-kind"}' })
  vary = {}
  t.match(await ask('/a', of('3')), { text: '{}', headers: { 'cache-status': /fwd=stale; fwd-status=304/ } })
  t.strictSame(
    origin.asked.map(({ headers }) => headers['if-none-match']),
    [undefined, '"plain"', '"plain"'],
  )
})

t.test('after an invalidation no variant comes back with the next that is stored (RFC 9111 4.4)', async t => {
  let turn = 0
  const { ask } = await play(t, (request, response) => {
    turn += 1
    const text = `${request.headers['accept-language']} ${turn}`
    return always(200, { ...minute, Vary: 'accept-language' }, text)(request, response)
  })
  const inLanguage = (language: string) => ask('/a', { headers: { 'accept-language': language } })
  t.equal((await inLanguage('de')).text, 'de 1')
  t.equal((await inLanguage('fr')).text, 'fr 2')
  await ask('/a', { method: 'POST', body: 'x' })
  t.match(await inLanguage('fr'), { text: 'fr 4', headers: { 'cache-status': /fwd=uri-miss/ } })
  t.match(await inLanguage('de'), { text: 'de 5', headers: { 'cache-status': /fwd=vary-miss/ } })
  t.match(await inLanguage('fr'), { text: 'fr 4', headers: { 'cache-status': /hit/ } })
})

t.test('variants asked for at once are all kept, in the file too', async t => {
  const { ask, origin } = await play(
    t,
    (request, response) => {
      const language = request.headers['accept-language'] ?? ''
      return always(200, { ...minute, Vary: 'accept-language' }, language)(request, response)
    },
    { store: 'lmdb', site: { cache: { collapse: false } } },
  )
  const languages = ['de', 'fr', 'it', 'en', 'da']
  const inLanguage = (language: string) => ask('/a', { headers: { 'accept-language': language } })
  await Promise.all(languages.map(inLanguage))
  for (const language of languages) {
    // A commit takes some milliseconds; what was asked for meanwhile is asked again at most.
    await until(async () => /^hit/.test(cacheStatus(await inLanguage(language))))
  }
  t.ok(origin.asked.length >= languages.length)
})

t.test('at most four different Varys of one URL are kept', async t => {
  let vary = ''
  const { ask, edge } = await play(t, (request, response) =>
    always(200, { ...minute, Vary: vary }, `by ${vary}`)(request, response),
  )
  const names = ['x-a', 'x-b', 'x-c', 'x-d', 'x-e']
  for (const [index, name] of names.entries()) {
    vary = name
    // Each with a value that no earlier one matches.
    const headers = Object.fromEntries(names.map(each => [each, `${index}`]))
    t.match(cacheStatus(await ask('/a', { headers })), /-miss/)
  }
  t.equal(edge.counters().cacheEntries, 5, 'four variants and their list')
  t.match(await ask('/a', { headers: { 'x-b': '1' } }), {
    text: 'by x-b',
    headers: { 'cache-status': /hit/ },
  })
  t.match(cacheStatus(await ask('/a', { headers: { 'x-a': '0' } })), /vary-miss/)
})
