// Plays: several responses of one URL, selected by what the request says (RFC 9111 4.1).
import t from 'tap'
import { always, cacheStatus, play } from '../support/play.js'

const minute = { 'Cache-Control': 'max-age=60' }

t.test('variants by Accept-Encoding and Accept-Language are kept apart and found again', async t => {
  const { edge, origin, ask } = await play(t, (request, response) => {
    const { 'accept-encoding': coding = '-', 'accept-language': language = '-' } = request.headers
    return always(
      200,
      { ...minute, Vary: 'Accept-Encoding, Accept-Language' },
      `${coding} ${language}`,
    )(request, response)
  })
  const asked: Record<string, string>[] = [
    {},
    { 'accept-encoding': 'gzip' },
    { 'accept-encoding': 'br' },
    { 'accept-language': 'de' },
    { 'accept-encoding': 'gzip', 'accept-language': 'de' },
    { 'accept-encoding': 'gzip', 'accept-language': 'fr' },
  ]
  const texts = ['- -', 'gzip -', 'br -', '- de', 'gzip de', 'gzip fr']
  for (const expected of [/^fwd=(uri|vary)-miss/, /^hit/]) {
    for (const [index, headers] of asked.entries()) {
      const reply = await ask('/a', { headers })
      t.equal(reply.text, texts[index])
      t.match(cacheStatus(reply), expected)
    }
  }
  t.equal(origin.asked.length, asked.length)
  t.equal(edge.counters().cacheEntries, asked.length + 1, 'each variant and their list')
})

t.test('the first of a URL is a uri-miss, the others are vary-misses (RFC 9211 2.2)', async t => {
  const { ask } = await play(t, always(200, { ...minute, Vary: 'Accept-Language' }, 'x'))
  const first = await ask('/a', { headers: { 'accept-language': 'de' } })
  t.equal(cacheStatus(first), 'fwd=uri-miss; fwd-status=200; stored')
  const second = await ask('/a', { headers: { 'accept-language': 'fr' } })
  t.equal(cacheStatus(second), 'fwd=vary-miss; fwd-status=200; stored')
})

t.test('Accept-Encoding selects by what it means, not by how it is written', async t => {
  const { origin, ask } = await play(t, always(200, { ...minute, Vary: 'accept-encoding' }, 'x'))
  await ask('/a', { headers: { 'accept-encoding': 'gzip, br' } })
  const same = [
    'br,gzip',
    'GZIP;q=1.0, br;q=0.5',
    'x-gzip, br, foo',
    ' br , gzip , identity',
    'br, gzip, zstd;q=0',
  ]
  for (const value of same) {
    t.match(cacheStatus(await ask('/a', { headers: { 'accept-encoding': value } })), /^hit/, value)
  }
  t.equal(origin.asked.length, 1)
  for (const value of ['br, gzip;q=0', '*', 'br, gzip, identity;q=0']) {
    const reply = await ask('/a', { headers: { 'accept-encoding': value } })
    t.match(cacheStatus(reply), /vary-miss/, value)
  }
})

t.test(
  'lines are joined and list space does not count; an absent field matches only an absent one',
  async t => {
    const { origin, ask } = await play(t, always(200, { ...minute, Vary: 'X-List' }, 'x'))
    await ask('/a', { headers: { 'x-list': 'a, b' } })
    t.match(cacheStatus(await ask('/a', { headers: { 'x-list': ['a', 'b'] } })), /^hit/)
    t.match(cacheStatus(await ask('/a', { headers: { 'x-list': 'a ,b' } })), /^hit/)
    t.match(cacheStatus(await ask('/a')), /vary-miss/)
    t.match(cacheStatus(await ask('/a', { headers: { 'x-list': 'b, a' } })), /vary-miss/)
    t.equal(origin.asked.length, 3)
  },
)

t.test('beyond variantsMax the oldest leaves', async t => {
  const { edge, origin, ask } = await play(t, always(200, { ...minute, Vary: 'accept-language' }, 'x'), {
    site: { cache: { variantsMax: 2 } },
  })
  const inLanguage = (language: string) => ask('/a', { headers: { 'accept-language': language } })
  for (const language of ['de', 'fr', 'it']) await inLanguage(language)
  t.equal(edge.counters().cacheEntries, 3, 'two variants and their list')
  t.match(cacheStatus(await inLanguage('it')), /^hit/)
  t.match(cacheStatus(await inLanguage('fr')), /^hit/)
  t.match(cacheStatus(await inLanguage('de')), /vary-miss/)
  t.match(cacheStatus(await inLanguage('fr')), /vary-miss/, 'now it was the oldest')
  t.equal(origin.asked.length, 5)
})

const unusable: [row: string, vary: string | string[]][] = [
  ['star', '*'],
  ['star in any member', 'x-a, *'],
  ['star on any line', ['x-a', '*']],
  ['a member that is no field name', 'x-a, x b'],
  ['more names than anybody means', Array.from({ length: 33 }, (_, at) => `x-${at}`).join()],
  ['longer names than anybody means', `x-${'a'.repeat(4_100)}`],
]
for (const [row, vary] of unusable) {
  t.test(`RFC 9111 4.1 never matches: ${row}`, async t => {
    const { ask, origin } = await play(t, always(200, { ...minute, Vary: vary }, 'x'))
    for (const _ of [1, 2]) {
      t.equal(cacheStatus(await ask('/a')), 'fwd=uri-miss; fwd-status=200; detail=vary-star')
    }
    t.equal(origin.asked.length, 2)
  })
}

const same: [row: string, vary: string | string[]][] = [
  ['names in any case', 'X-KIND'],
  ['repeated names', ['x-kind, X-Kind', 'x-kind']],
  ['empty members', ', ,x-kind,,'],
  ['a field that is in the key already', 'Host, x-kind'],
]
for (const [row, vary] of same) {
  t.test(`RFC 9111 4.1 selects by: ${row}`, async t => {
    const { ask } = await play(t, always(200, { ...minute, Vary: vary }, 'x'))
    await ask('/a', { headers: { 'x-kind': '1', host: 'a.example' } })
    t.match(cacheStatus(await ask('/a', { headers: { 'x-kind': '1', host: 'A.example.:80' } })), /^hit/)
    t.match(cacheStatus(await ask('/a', { headers: { 'x-kind': '2', host: 'a.example' } })), /vary-miss/)
  })
}

t.test('a field that Connection strips does not file or find a variant (RFC 9110 7.6.1)', async t => {
  const { origin, ask } = await play(t, (request, response) => {
    const language = request.headers['accept-language'] ?? 'none'
    return always(200, { ...minute, Vary: 'Accept-Language' }, language)(request, response)
  })
  const poison = { 'accept-language': 'de', connection: 'accept-language' }
  t.equal((await ask('/a', { headers: poison })).text, 'none', 'the origin never saw it')
  t.equal((await ask('/a', { headers: { 'accept-language': 'de' } })).text, 'de')
  t.match(await ask('/a'), { text: 'none', headers: { 'cache-status': /hit/ } })
  t.match(await ask('/a', { headers: poison }), { text: 'none', headers: { 'cache-status': /hit/ } })
  t.equal(origin.asked.length, 2)
})

t.test('an expired variant is validated by its own tag', async t => {
  const { origin, ask } = await play(t, (request, response) => {
    const tag = `"${request.headers['accept-language']}"`
    const isKnown = request.headers['if-none-match'] === tag
    const fields = {
      'Cache-Control': isKnown ? 'max-age=60' : 'max-age=0',
      ETag: tag,
      Vary: 'accept-language',
    }
    return always(isKnown ? 304 : 200, fields, isKnown ? '' : tag)(request, response)
  })
  for (const language of ['de', 'fr', 'de', 'fr', 'de', 'fr']) {
    const headers = { 'accept-language': language }
    t.match(await ask('/a', { headers }), { status: 200, text: `"${language}"` })
  }
  t.strictSame(
    origin.asked.map(({ headers }) => headers['if-none-match']),
    [undefined, undefined, '"de"', '"fr"'],
  )
})
