// Plays: what is one client's alone stays so (web cache deception), however its URL looks and whatever came with it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import t from 'tap'
import { cacheStatus, play } from '../support/play.js'

const long = { 'Cache-Control': 'max-age=600' }

function fixed(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, long).end('ok')
}

/** A framework that serves one client's page whatever hangs behind its path. */
function personal(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/html',
    ...(request.headers.cookie && { 'X-Who': request.headers.cookie }),
  })
  response.end(`secrets of ${request.headers.cookie ?? 'nobody'} at ${request.url}`)
}

const tricks = [
  '/account/a.css',
  '/account;a.css',
  '/account%3Ba.css',
  '/account%2Fa.css',
  '/account/%2e%2e/a.css',
  '/account?a.css',
  '/account%3Fa.css',
  '/account%23a.css',
  '/account%00a.css',
  '/account%0Aa.css',
  '/static/..%2Faccount',
  '/static/%2e%2e/account',
  '/static//account/a.js',
  '/account/\\a.css',
  '/account/.css',
]
for (const preset of ['origin', 'smart']) {
  t.test(`what is one client's is not kept for looking like a file (preset ${preset})`, async t => {
    const { ask } = await play(t, personal, { site: { cache: { preset } } })
    for (const target of tricks) {
      await ask(target, { headers: { Cookie: 'victim' } })
      t.notMatch((await ask(target)).text, /victim/, target)
    }
  })
}

t.test('what dot segments lead to is keyed and asked as one path', async t => {
  const { origin, ask } = await play(t, fixed)
  for (const target of ['/static/../account', '/static/%2e%2e/account', '/./account', '/account'])
    await ask(target)
  t.strictSame([...new Set(origin.asked.map(({ target }) => target))], ['/account'])
  t.equal(origin.asked.length, 1)
})

t.test('parameters are keyed in their order and case, unless the site says otherwise', async t => {
  const { origin, ask } = await play(t, fixed)
  for (const target of [
    '/a?x=1&y=2',
    '/a?y=2&x=1',
    '/a?X=1&y=2',
    '/a?x=1;y=2',
    '/a?x=1&y=2&utm_source=evil',
    '/a?',
  ])
    await ask(target)
  t.equal(origin.asked.length, 6)
})

t.test('a GET with a body is answered for itself alone (fat GET)', async t => {
  const { ask } = await play(t, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    response.writeHead(200, long).end(`body: ${Buffer.concat(chunks)}`)
  })
  t.equal((await ask('/a', { body: 'evil' })).text, 'body: evil')
  const victim = await ask('/a')
  t.equal(victim.text, 'body: ')
  t.equal((await ask('/a', { body: 'evil' })).text, 'body: evil')
  t.equal((await ask('/a')).text, 'body: ')
})

t.test("an answer that carries a session is nobody else's", async t => {
  let count = 0
  const { ask } = await play(t, (_, response) => {
    count += 1
    response.writeHead(200, { ...long, 'Set-Cookie': `session=${count}` }).end('ok')
  })
  await ask('/a')
  t.equal(cacheStatus(await ask('/a')).slice(0, 3), 'fwd')
  const both = await Promise.all([ask('/b'), ask('/b')])
  t.not(
    String(both[0].headers['set-cookie']),
    String(both[1].headers['set-cookie']),
    'nor through collapsing',
  )
})
