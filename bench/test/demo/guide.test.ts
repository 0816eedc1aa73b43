import t from 'tap'
import { guide } from '../../demo/guide.js'
import { tagOf } from '../../demo/resource.js'

t.test('guide() names both URLs and four lines to try, one with the tag of the page', async t => {
  const body = Buffer.from('page')
  const page = { status: 200, type: 'text/html', body, cacheControl: '', modifiedAt: new Date(0) }
  const content = { resources: new Map([['/how-it-works', page]]), notFound: page }
  const text = guide({ content, port: 8080, originPort: 9080, controlUrl: 'http://127.0.0.1:8090' })
  t.equal(text.match(/^ {2}curl /gm)?.length, 4)
  t.ok(text.includes(`-H 'If-None-Match: ${tagOf(body)}' http://127.0.0.1:8080/how-it-works`))
  for (const part of ['http://127.0.0.1:9080/', 'http://127.0.0.1:8090/', 'purge demo --all'])
    t.ok(text.includes(part))
})
