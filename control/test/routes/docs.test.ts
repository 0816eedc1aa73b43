import t from 'tap'
import { pageOf } from '../../routes/docs.js'
import { stage } from '../support/stage.js'

t.test('the page of the API has every route, and nothing of it is markup', async t => {
  const s = await stage(t)
  const response = await fetch(`${s.url}/docs`)
  const text = await response.text()
  const { paths } = (await s.ask('GET', '/v1/openapi.json')).body
  for (const path of Object.keys(paths)) t.ok(text.includes(`<code>${path}</code>`), path)
  const nasty = pageOf({
    info: { title: '<b>', version: '1' },
    paths: { '/<i>': { get: { responses: { 200: { content: { 'a/b': { schema: { title: '<u>"' } } } } } } } },
  })
  t.notMatch(nasty, /<i>|<u>|<h1><b>/)
})
