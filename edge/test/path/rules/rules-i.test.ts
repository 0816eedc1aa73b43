// Plays of http-rules.md I 33: what makes a stored response invalid (RFC 9111 4.4, RFC 9875), and tags.
// 33 methods and statuses: `rule 33: the URL itself`; Location and Content-Location: `rule 33: what it points at`
// 33 groups: `rule 33: Cache-Groups`; tags: `rule 33: tags stay here`
import t from 'tap'
import { type Outcome, ruleStage, type Turn } from '../../support/rules.js'
import { resets, says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = says(200, 'Cache-Control: max-age=60')

t.test('rule 33: the URL itself', async t => {
  const table: [method: string, status: number, is: Outcome][] = [
    ['POST', 200, 'miss'],
    ['POST', 201, 'miss'],
    ['POST', 302, 'miss'],
    ['POST', 399, 'miss'],
    ['POST', 400, 'hit'],
    ['POST', 404, 'hit'],
    ['POST', 500, 'hit'],
    ['PUT', 200, 'miss'],
    ['PUT', 204, 'miss'],
    ['PUT', 412, 'hit'],
    ['DELETE', 204, 'miss'],
    ['DELETE', 303, 'miss'],
    ['DELETE', 503, 'hit'],
    ['PATCH', 200, 'miss'],
    ['FROB', 200, 'miss'],
    ['FROB', 400, 'hit'],
    ['M-SEARCH', 200, 'miss'],
    ['OPTIONS', 200, 'hit'],
    ['HEAD', 200, 'hit'],
  ]
  for (const [method, status, is] of table) {
    const name = `RFC 9111 4.4 ${method} ${status}`
    await stage.play(t, name, [
      { says: minute, is: 'miss' },
      { method, says: says(status), ...(method === 'HEAD' ? {} : { status }) },
      { says: minute, is },
      { to: '?other', is: 'miss' },
    ])
  }
  await stage.play(t, 'RFC 9111 4.4 no answer at all', [
    { says: minute, is: 'miss' },
    { method: 'POST', says: resets, status: 502 },
    { says: minute, is: 'hit' },
  ])
  await stage.play(t, 'RFC 9111 4.4 all variants', [
    { fields: ['X: 1'], says: says(200, ['Cache-Control: max-age=60', 'Vary: X']), is: 'miss' },
    { fields: ['X: 2'], is: 'miss' },
    { method: 'POST', says: says(204) },
    { fields: ['X: 1'], says: says(200, ['Cache-Control: max-age=60', 'Vary: X']), is: 'miss', text: '4' },
    { fields: ['X: 2'], is: 'miss', text: '5' },
  ])
  await stage.play(t, 'RFC 9111 4.4 also what was stale', [
    { says: says(200, ['Cache-Control: max-age=10, stale-while-revalidate=60', 'ETag: "a"']), is: 'miss' },
    { method: 'PUT', after: 15, says: says(204) },
    { says: minute, is: 'miss' },
  ])
})

t.test('rule 33: what it points at', async t => {
  const table: [name: string, line: (path: string) => string, is: Outcome][] = [
    ['RFC 9111 4.4 Location', path => `Location: ${path}/b`, 'miss'],
    ['RFC 9111 4.4 Content-Location', path => `Content-Location: ${path}/b`, 'miss'],
    ['RFC 3986 4.2 relative', () => 'Location: b', 'miss'],
    ['RFC 3986 4.2 relative, with dots', () => 'Location: ./x/../b', 'miss'],
    ['RFC 3986 4.2 of this host', path => `Location: //play.example${path}/b`, 'miss'],
    ['RFC 9110 4.2.3 absolute', path => `Location: http://play.example${path}/b`, 'miss'],
    ['RFC 9110 4.2.3 the default port', path => `Location: http://PLAY.example:80${path}/b`, 'miss'],
    ['RFC 3986 3.5 with a fragment', path => `Location: ${path}/b#c`, 'miss'],
    ['RFC 3986 6.2.2 in another form', path => `Location: ${path}/%62`, 'miss'],
    ['RFC 9111 4.4 not another host', path => `Location: http://other.example${path}/b`, 'hit'],
    ['RFC 9111 4.4 not another port', path => `Location: http://play.example:81${path}/b`, 'hit'],
    ['RFC 9111 4.4 not another scheme', path => `Location: https://play.example${path}/b`, 'hit'],
    [
      'RFC 9111 4.4 Content-Location of another host',
      path => `Content-Location: http://other.example${path}/b`,
      'hit',
    ],
    ['RFC 9111 4.4 not another path', path => `Location: ${path}/c`, 'hit'],
    ['RFC 9111 4.4 no reference', () => 'Location: http://[', 'hit'],
    ['RFC 9111 4.4 no other field', path => `X-Location: ${path}/b`, 'hit'],
  ]
  for (const [name, line, is] of table) {
    await stage.play(t, name, path => [
      { to: '/b', says: minute, is: 'miss' },
      { to: '/a', method: 'POST', says: says(201, line(path)), status: 201 },
      { to: '/b', says: minute, is },
    ])
  }
  await stage.play(t, 'RFC 9111 4.4 both', path => [
    { to: '/b', says: minute, is: 'miss' },
    { to: '/c', is: 'miss' },
    { to: '/a', method: 'PUT', says: says(201, [`Location: ${path}/b`, 'Content-Location: c']) },
    { to: '/b', says: minute, is: 'miss' },
    { to: '/c', is: 'miss' },
  ])
  await stage.play(t, 'RFC 9111 4.4 not of an error', path => [
    { to: '/b', says: minute, is: 'miss' },
    { to: '/a', method: 'POST', says: says(409, `Location: ${path}/b`) },
    { to: '/b', says: minute, is: 'hit' },
  ])
  await stage.play(t, 'RFC 9111 4.4 not of a safe method', path => [
    { to: '/b', says: minute, is: 'miss' },
    { to: '/a', says: says(302, `Location: ${path}/b`), is: 'miss' },
    { to: '/b', says: minute, is: 'hit' },
  ])
})

t.test('rule 33: Cache-Groups', async t => {
  const of = (groups: string, target: string): Turn => ({
    to: target,
    says: says(200, ['Cache-Control: max-age=60', `Cache-Groups: ${groups}`]),
    is: 'miss',
  })
  const invalidates = (method: string, status: number, groups: string): Turn => ({
    to: '/p',
    after: 1,
    method,
    says: says(status, `Cache-Group-Invalidation: ${groups}`),
    status,
  })
  const table: [name: string, turn: Turn, b: Outcome, c: Outcome][] = [
    ['RFC 9875 3 a group', invalidates('POST', 200, '"one"'), 'miss', 'hit'],
    ['RFC 9875 3 several', invalidates('POST', 204, '"one", "two"'), 'miss', 'miss'],
    ['RFC 9875 3 a common one', invalidates('DELETE', 204, '"both"'), 'miss', 'miss'],
    ['RFC 9875 2 the case counts', invalidates('POST', 200, '"One"'), 'hit', 'hit'],
    ['RFC 9875 3 not of a safe method', invalidates('GET', 200, '"one"'), 'hit', 'hit'],
    ['RFC 9875 3 not of an error', invalidates('POST', 500, '"one"'), 'hit', 'hit'],
    ['RFC 9651 3.3.3 a token is no group', invalidates('POST', 200, 'one'), 'hit', 'hit'],
    ['RFC 9651 4.2 unparsable', invalidates('POST', 200, '"one'), 'hit', 'hit'],
  ]
  for (const [name, turn, b, c] of table) {
    // Each with names of its own: groups are common to all URLs of the origin.
    const own = (line: string): string => line.replace(/"(\w+)/g, `"$1${name.replace(/\W/g, '')}`)
    const said = turn.says as ReturnType<typeof says>
    await stage.play(t, name, [
      of(own('"one", "both"'), '/b'),
      of(own('"two", "both"'), '/c'),
      { ...turn, says: { ...said, lines: said.lines.map(own) } },
      { to: '/b', says: minute, is: b },
      { to: '/c', is: c },
    ])
  }
})

t.test('rule 33: tags stay here', async t => {
  const lines = ['Cache-Control: max-age=60', 'Cache-Tag: a,b', 'Surrogate-Key: a b', 'xkey: a']
  const gone = { 'cache-tag': '', 'surrogate-key': '', xkey: '' }
  await stage.play(t, 'removed from what clients get', [
    { says: says(200, lines), is: 'miss', has: gone },
    { is: 'hit', has: gone },
  ])
  const kept = { 'cache-tag': 'a,b', 'surrogate-key': 'a b', xkey: 'a' }
  const keeping = await ruleStage(t, { cache: { keepTags: true } })
  await keeping.play(t, 'unless the site keeps them', [
    { says: says(200, lines), is: 'miss', has: kept },
    { is: 'hit', has: kept },
  ])
})
