// Plays: a stored response in the language that a request asks for first answers it, however the request is written
// (RFC 9111 4.1, RFC 9110 12.5.4).
import t from 'tap'
import { always, cacheStatus, type Play, play } from '../support/play.js'

/** An origin that speaks these languages, and the first of them to those who want another. */
function speaking(t: Parameters<typeof play>[0], ...spoken: string[]): Promise<Play> {
  return play(t, (request, response) => {
    const asked = String(request.headers['accept-language'] ?? '').toLowerCase()
    const best = asked.split(',').map(member => member.trim().split(';')[0])
    const language = best.find(each => spoken.includes(each)) ?? spoken[0]
    const fields = { 'Cache-Control': 'max-age=60', Vary: 'Accept-Language', 'Content-Language': language }
    return always(200, fields, language)(request, response)
  })
}

const asking = (language: string) => ({ headers: { 'accept-language': language } })

t.test('the stored response in the best language answers, whatever else is stored', async t => {
  const { ask, origin } = await speaking(t, 'en', 'fr')
  await ask('/a', asking('fr'))
  await ask('/a', asking('en'))
  const rows: [asked: string, text: string][] = [
    ['fr;q=0.5, en', 'en'],
    ['en;q=0.5, fr', 'fr'],
    ['EN, da;q=0.1', 'en'],
    ['da;q=0, fr;q=0.2, en;q=0.1', 'fr'],
  ]
  for (const [asked, text] of rows) {
    t.match(await ask('/a', asking(asked)), { text, headers: { 'cache-status': /hit/ } }, asked)
  }
  t.equal(origin.asked.length, 2)
})

t.test('a language that is not the best is not served: the origin may have the better one', async t => {
  const { ask, origin } = await speaking(t, 'en', 'fr')
  await ask('/a', asking('fr'))
  t.match(await ask('/a', asking('en, fr;q=0.5')), {
    text: 'en',
    headers: { 'cache-status': /fwd=vary-miss/ },
  })
  t.match(cacheStatus(await ask('/a', asking('da, fr;q=0.9'))), /vary-miss/)
  t.match(cacheStatus(await ask('/a')), /vary-miss/, 'who asks for no language')
  t.equal(origin.asked.length, 4)
})

t.test('who got another language than asked for gets it again, by the same words', async t => {
  const { ask, origin } = await speaking(t, 'en')
  await ask('/a', asking('da, de;q=0.5'))
  t.match(await ask('/a', asking('DE;q=0.50,da')), { text: 'en', headers: { 'cache-status': /hit/ } })
  t.match(cacheStatus(await ask('/a', asking('de'))), /vary-miss/)
  t.equal(origin.asked.length, 2)
})

t.test('the language chooses only among those that match in everything else', async t => {
  const { ask } = await play(t, (request, response) => {
    const kind = request.headers['x-kind']
    const fields = {
      'Cache-Control': 'max-age=60',
      Vary: 'X-Kind, Accept-Language',
      'Content-Language': 'de',
    }
    return always(200, fields, `${kind}`)(request, response)
  })
  const of = (kind: string, language: string) => ({
    headers: { 'x-kind': kind, 'accept-language': language },
  })
  await ask('/a', of('1', 'de'))
  await ask('/a', of('2', 'de'))
  t.match(await ask('/a', of('1', 'de, en;q=0.1')), { text: '1', headers: { 'cache-status': /hit/ } })
  t.match(await ask('/a', of('2', 'de, en;q=0.1')), { text: '2', headers: { 'cache-status': /hit/ } })
  t.match(cacheStatus(await ask('/a', of('3', 'de, en;q=0.1'))), /vary-miss/)
})

t.test('Content-Language selects nothing without Vary: Accept-Language', async t => {
  const { ask } = await play(t, (request, response) => {
    const fields = { 'Cache-Control': 'max-age=60', Vary: 'X-Kind', 'Content-Language': 'de' }
    return always(200, fields, `${request.headers['x-kind']}`)(request, response)
  })
  await ask('/a', { headers: { 'x-kind': '1', 'accept-language': 'de' } })
  t.match(cacheStatus(await ask('/a', { headers: { 'x-kind': '2', 'accept-language': 'de' } })), /vary-miss/)
})
