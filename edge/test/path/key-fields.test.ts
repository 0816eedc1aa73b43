// Plays: request fields that a site puts into its keys (`sites[].cache.keyFields`).
import t from 'tap'
import { always, cacheStatus, type Play, play } from '../support/play.js'

/** An origin that tells the country it was asked from, and whatever `fields` say; keyed by country. */
function byCountry(t: Parameters<typeof play>[0], fields: Record<string, string> = {}): Promise<Play> {
  const script: Parameters<typeof play>[1] = (request, response) => {
    const { 'x-country': country = '-', 'x-kind': kind = '-' } = request.headers
    return always(200, { 'Cache-Control': 'max-age=60', ...fields }, `${country} ${kind}`)(request, response)
  }
  return play(t, script, { site: { cache: { keyFields: ['x-country'] } } })
}

const from = (country: string, more: Record<string, string> = {}) => ({
  headers: { 'x-country': country, ...more },
})

t.test('each value is stored apart, although the origin says nothing of it', async t => {
  const { ask, origin } = await byCountry(t)
  for (const country of ['de', 'fr']) t.equal((await ask('/a', from(country))).text, `${country} -`)
  t.equal((await ask('/a')).text, '- -')
  for (const country of ['fr', 'de']) {
    t.match(await ask('/a', from(country)), { text: `${country} -`, headers: { 'cache-status': /hit/ } })
  }
  t.match(await ask('/a'), { text: '- -', headers: { 'cache-status': /hit/ } })
  t.match(await ask('/a', from(' de ')), { text: 'de -', headers: { 'cache-status': /hit/ } })
  t.equal(origin.asked.length, 3)
})

t.test('requests that differ in them are not collapsed', async t => {
  const { ask } = await byCountry(t)
  const countries = ['de', 'fr', 'it', 'de', 'fr']
  const replies = await Promise.all(countries.map(country => ask('/a', from(country))))
  t.strictSame(
    replies.map(({ text }) => text),
    countries.map(country => `${country} -`),
  )
})

t.test('they go together with Vary', async t => {
  const { ask, origin } = await byCountry(t, { Vary: 'X-Kind' })
  const rows = [
    ['de', '1'],
    ['de', '2'],
    ['fr', '1'],
  ]
  for (const expected of [/miss/, /^hit/]) {
    for (const [country, kind] of rows) {
      const reply = await ask('/a', from(country, { 'x-kind': kind }))
      t.equal(reply.text, `${country} ${kind}`)
      t.match(cacheStatus(reply), expected)
    }
  }
  t.equal(origin.asked.length, 3)
})

t.test('what invalidates the URL reaches all values (RFC 9111 4.4)', async t => {
  const { ask } = await byCountry(t)
  for (const country of ['de', 'fr']) await ask('/a', from(country))
  await ask('/a', { method: 'DELETE', headers: { 'x-country': 'it' } })
  for (const country of ['de', 'fr']) t.match(cacheStatus(await ask('/a', from(country))), /miss/)
})

t.test('a very long value is one like the others', async t => {
  const { ask, origin } = await byCountry(t)
  const long = 'a'.repeat(4_000)
  await ask('/a', from(long))
  t.match(cacheStatus(await ask('/a', from(long))), /^hit/)
  t.match(cacheStatus(await ask('/a', from(`${long}b`))), /vary-miss/)
  t.equal(origin.asked.length, 2)
})

t.test('a site with other key fields finds nothing of what was stored before', async t => {
  const { ask, edge, origin } = await byCountry(t)
  await ask('/a', from('de'))
  const sites = edge.config.sites.map(site => ({ ...site, cache: { ...site.cache, keyFields: [] } }))
  edge.serving.prepareSites(sites)()
  t.match(cacheStatus(await ask('/a', from('de'))), /fwd=uri-miss/)
  t.match(cacheStatus(await ask('/a', from('fr'))), /^hit/)
  edge.serving.prepareSites(edge.config.sites)()
  t.match(cacheStatus(await ask('/a', from('de'))), /^hit/)
  t.match(cacheStatus(await ask('/a', from('fr'))), /vary-miss/)
  t.equal(origin.asked.length, 3)
})
