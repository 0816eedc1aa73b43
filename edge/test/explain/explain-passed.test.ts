// explain() of what goes to the origin past the cache.
import t from 'tap'
import { explaining } from '../support/explained.js'

const play = 'url=http://play.example/'

t.test('explain() says why a request is passed', async t => {
  const cases: [query: string, fact: string][] = [
    ['&method=POST', 'POST is not answered from the cache; only GET and HEAD are.'],
    ['&method=get', 'get is not answered from the cache; only GET and HEAD are.'],
    ['&header=Content-Length:%205', 'The request has a body, so it is neither looked up nor stored.'],
    ['&header=Range:%20bytes=0-1', 'Nothing stored answers it, and a part (Range) is no whole to store.'],
    ['&method=HEAD', 'Nothing stored answers it, and HEAD leads no fetch that is stored.'],
    [
      '&header=If-Match:%20%22v%22',
      'Nothing stored answers it, and If-Match or If-Unmodified-Since is a question to the origin.',
    ],
  ]
  const { ask } = explaining(t)
  for (const [query, fact] of cases) {
    const { verdict, why } = ask(play + query)
    t.equal(verdict, 'pass', query)
    t.equal(why.at(-2), fact)
  }
})

t.test('explain() says what becomes of the answer to what is passed', async t => {
  const { store, ask } = explaining(t)
  await store(['Cache-Control', 'max-age=1', 'ETag', '"v"'])
  const cases: [query: string, words: RegExp][] = [
    ['&method=OPTIONS', /nothing of its answer is stored\.$/],
    ['&method=PUT', /a 2xx or 3xx takes what is stored for this URL out of use\.$/],
    ['&method=HEAD', /its answer updates what is stored, or takes it out of use\.$/],
  ]
  for (const [query, words] of cases) t.match(ask(play + query, 9_000).why.at(-1), words, query)
  t.equal(
    ask(`${play}&method=HEAD`, 9_000).why.at(-2),
    'HEAD leads no fetch that is stored, so what is stored is not validated first.',
  )
})

t.test('explain() says when a hop counted down ends here (RFC 9110 7.6.2)', async t => {
  const { ask } = explaining(t)
  const last = ask(`${play}&method=OPTIONS&header=Max-Forwards:%200`)
  t.match(last.why.at(-1), /^But the origin is not asked: the client gets \d+ /)
})

t.test('explain() knows a request for a WebSocket', async t => {
  const { store, ask } = explaining(t)
  await store(['Cache-Control', 'max-age=60'])
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
  const query = (version: string) =>
    [...fields, `Sec-WebSocket-Version: ${version}`]
      .map(line => `&header=${encodeURIComponent(line)}`)
      .join('')
  const { verdict, why, entry } = ask(play + query('13'))
  t.equal(verdict, 'pass')
  t.equal(entry, null)
  t.equal(why.at(-2), 'It asks for a WebSocket, which is between client and origin: nothing is looked up.')
  t.match(ask(play + query('8')).why.at(-1), /426 websocket-version/)
  t.equal(
    ask(`${play}${query('13')}&method=POST`).why.at(-2),
    'POST is not answered from the cache; only GET and HEAD are.',
  )
})
