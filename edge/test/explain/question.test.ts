import t from 'tap'
import { headersMax, readQuestion, urlBytesMax } from '../../explain/question.js'

const encoded = (url: string) => `url=${encodeURIComponent(url)}`

t.test('readQuestion() reads a URL, a method and headers', async t => {
  const cases: [query: string, expected: Record<string, unknown>][] = [
    [
      encoded('http://a.example/p?q=1'),
      { method: 'GET', authority: 'a.example', target: '/p?q=1', fields: [] },
    ],
    ['url=http://a.example/p', { url: 'http://a.example/p', target: '/p' }],
    [encoded('HTTP://A.example:81'), { authority: 'A.example:81', target: '/' }],
    [encoded('http://a.example?q'), { target: '/?q' }],
    [encoded('http://[::1]:80/?'), { authority: '[::1]:80', target: '/?' }],
    [encoded('http://a.example/p#part'), { url: 'http://a.example/p', target: '/p' }],
    [encoded('http://a.example/../%7ep'), { target: '/../%7ep' }],
    ['url=http://a.example/a+b', { target: '/a+b' }],
    ['header=X:+1+2&url=http://a.example/a+b', { target: '/a+b', fields: ['x', '1 2'] }],
    [`${encoded('http://a.example/a+b&c')}&method=POST`, { method: 'POST', target: '/a+b&c' }],
    [
      `url=http://a.example/&header=Accept-Encoding:%20gzip,%20br&header=X-Y:&header=x-y:%20a:b%20`,
      { fields: ['accept-encoding', 'gzip, br', 'x-y', '', 'x-y', 'a:b'] },
    ],
  ]
  for (const [query, expected] of cases) {
    t.match(readQuestion(query), { ok: true, question: expected }, query)
  }
})

t.test('readQuestion() says what is wrong and what was expected', async t => {
  const good = 'url=http://a.example/'
  const cases: [query: string, code: string, message?: RegExp][] = [
    ['', 'url-missing'],
    ['url=', 'url-missing'],
    ['method=GET', 'url-missing'],
    ['url=/p', 'url-relative', /^"\/p" is not absolute$/],
    ['url=a.example/p', 'url-relative'],
    ['url=http:/a.example', 'url-relative'],
    ['url=//a.example/', 'url-relative'],
    ['url=ftp://a.example/', 'url-scheme', /^ftp is not served here$/],
    ['url=http:///p', 'url-host'],
    ['url=http://a.example/a%20b', 'url-characters'],
    ['url=http://a.example/%C3%A4', 'url-characters'],
    ['url=http://a.example/%0d%0a', 'url-characters'],
    [`url=http://a.example/${'x'.repeat(urlBytesMax)}`, 'url-too-long'],
    [`${good}&${good}`, 'repeated', /^url is given twice$/],
    [`${good}&method=GET&method=GET`, 'repeated'],
    [`${good}?a=1&b=2`, 'parameter', /^"b" is not a parameter; in the URL asked about, & is written %26$/],
    [`${good}&${'n'.repeat(200)}=1`, 'parameter', /^"n{80}\.\.\." is/],
    [`${good}&method=`, 'method'],
    [`${good}&method=GE%20T`, 'method', /^"GE T" is no method$/],
    [`${good}&header=Accept`, 'header', /^"Accept" has no colon$/],
    [`${good}&header=`, 'header'],
    [`${good}&header=:%20x`, 'header', /^"" is no field name$/],
    [`${good}&header=Accept%20:%20x`, 'header'],
    [`${good}&header=X:%20a%0d%0aY:%20b`, 'header', /^X has a control character$/],
    [`${good}&header=host:%20b.example`, 'header', /^Host is given by the url$/],
    [`${good}${'&header=X:1'.repeat(headersMax + 1)}`, 'headers-too-many', /^there are 65 headers$/],
  ]
  for (const [query, code, message = /./] of cases) {
    const asked = readQuestion(query)
    t.match(asked, { ok: false, fault: { code, message, expected: /./ } }, query.slice(0, 60))
  }
  t.match(readQuestion(`${good}${'&header=X:1'.repeat(headersMax)}`), { ok: true })
})

t.test('readQuestion() takes any bytes', async t => {
  for (const query of ['%', '%zz=%', '&&&', '=', 'url=%ff', 'url=http://%00', 'header=%', '\u0000']) {
    t.equal(typeof readQuestion(query).ok, 'boolean', query)
  }
})
