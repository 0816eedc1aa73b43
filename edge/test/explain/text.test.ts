import t from 'tap'
import { renderFault, renderText } from '../../explain/text.js'
import { explaining } from '../support/explained.js'

const minute = ['Cache-Control', 'max-age=60', 'ETag', '"v"']
const play = 'url=http://play.example/'

t.test('renderText() says the answer first, then why, then the numbers', async t => {
  const { store, ask } = explaining(t)
  await store([...minute, 'Last-Modified', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Cache-Tag', 'a'])
  t.equal(
    renderText(ask(`${play}&header=Accept:%20x`, 5_000)),
    `GET http://play.example/
accept: x

FRESH: a hit, fresh for 55 s more

 1. The site play answers for the host play.example.
 2. A 200 of 4 bytes is stored, since 1970-01-01T00:16:40.000Z.
 3. Its lifetime: max-age=60 of Cache-Control, minus 5 s in the cache: fresh for 55 s more.
 4. It is fresh: it is served without asking the origin.

at           1970-01-01T00:16:45.000Z
site         play
target       /
key          http play play.example/
stored       200, 4 bytes, under http play play.example/
stored at    1970-01-01T00:16:40.000Z
fresh until  1970-01-01T00:17:40.000Z (age 5 s of 60 s)
lifetime     max-age=60 of Cache-Control, minus 5 s in the cache: fresh for 55 s more
etag         "v"
modified     Thu, 01 Jan 1970 00:00:00 GMT
tags         a
policy       as the origin says
stale use    while revalidating: no: neither a stale-while-revalidate nor a rule of the site permits it
             origin answers an error: no: neither a stale-if-error nor a rule of the site permits it
             origin unreachable: yes, until 1970-01-02T00:17:40.000Z (staleMaxMs of the site, 24 h past its freshness)

stored fields
  Cache-Control: max-age=60
  ETag: "v"
  Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT
  Cache-Tag: a
`,
  )
})

t.test('renderText() has a headline for every verdict', async t => {
  const swr = ['Cache-Control', 'max-age=10, stale-while-revalidate=60']
  const cases: [fields: string[] | undefined, query: string, line: string][] = [
    [undefined, '', 'ABSENT: a miss, nothing is stored'],
    [undefined, '&method=PUT', 'PASS: goes to the origin, past the cache'],
    [undefined, '&method=TRACE', 'REFUSED: answered 405 method-not-allowed by the edge itself'],
    [swr, '', 'STALE: a hit although stale for 10 s; the origin is asked behind it'],
    [
      ['Cache-Control', 'max-age=1', 'ETag', '"v"'],
      '',
      'EXPIRED: stored, but stale for 19 s; the origin is asked first',
    ],
    [
      ['Cache-Control', 'max-age=60, no-cache', 'ETag', '"v"'],
      '',
      'EXPIRED: stored and in time, but the origin is asked first',
    ],
  ]
  for (const [fields, query, line] of cases) {
    const { store, ask } = explaining(t)
    if (fields !== undefined) await store(fields)
    t.ok(renderText(ask(play + query, 20_000)).includes(`\n\n${line}\n\n`), line)
  }
})

t.test('renderText() lists variants, marks the selected one, and says how many more there are', async t => {
  const { store, ask } = explaining(t, { cache: { variantsMax: 200 } })
  await store(minute)
  for (let i = 0; i < 110; i += 1) await store([...minute, 'Vary', 'X'], { requestFields: ['x', `${i}`] })
  const text = renderText(ask(`${play}&header=X:%2050`))
  t.match(text, /^varies on {4}x: x:3=50; \(stored\)$/m)
  t.match(text, /^varies on {4}nothing: everybody \(stored\)$/m)
  t.match(text, /^variants {5}everybody\n {13}x:2=0;$/m)
  t.match(text, /^ {13}x:3=50; {2}<- this one$/m)
  t.match(text, /^ {13}11 more$/m)
  const miss = renderText(ask(`${play}&header=X:%20none`))
  t.match(miss, /everybody {2}<- this one/)
})

t.test('renderText() lets nothing stored move the cursor of a terminal', async t => {
  const { store, ask } = explaining(t)
  await store([...minute, 'X-Evil', 'a\u009b2Jb\u001b[2Jc', 'Vary', 'X'], { requestFields: ['x', '1'] })
  const text = renderText(ask(`${play}&header=X:%201`))
  t.match(text, /X-Evil: a\\x9b2Jb\\x1b\[2Jc/)
  t.notMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
})

t.test('renderFault() is two lines', async t => {
  t.equal(renderFault({ code: 'a', message: 'b\u001b', expected: 'c' }), 'a: b\\x1b\nexpected c\n')
})
